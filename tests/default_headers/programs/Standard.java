// What Java has built in, HttpClient and HttpURLConnection: java Standard.java URL
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;

class Standard {
    static final String VERSION = Runtime.version().toString().split("\\+")[0].replace("-Debian", "");
    static final HttpClient CLIENT = HttpClient.newHttpClient();

    static void send(HttpRequest.Builder request) throws IOException, InterruptedException {
        CLIENT.send(request.build(), BodyHandlers.ofString());
    }

    static void connect(URI uri, String method, String type, String body) throws IOException {
        var connection = (HttpURLConnection) uri.toURL().openConnection();
        connection.setRequestMethod(method);
        if (type != null) connection.setRequestProperty("Content-Type", type);
        if (body != null) {
            connection.setDoOutput(true);
            connection.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
        }
        connection.getInputStream().readAllBytes();
    }

    public static void main(String[] arguments) throws Exception {
        var url = arguments[0];
        var modern = url + "/" + "java.net.http.HttpClient, Java ".replace(" ", "%20") + VERSION + "/";
        var form = BodyPublishers.ofString("scope=users%3Aread");
        var json = BodyPublishers.ofString("{\"title\": \"Mine\"}");
        send(HttpRequest.newBuilder(URI.create(modern + "form")).POST(form)
            .header("Content-Type", "application/x-www-form-urlencoded"));
        send(HttpRequest.newBuilder(URI.create(modern + "read")));
        send(HttpRequest.newBuilder(URI.create(modern + "write")).POST(json).header("Content-Type", "application/json"));
        send(HttpRequest.newBuilder(URI.create(modern + "post")).POST(BodyPublishers.noBody()));
        send(HttpRequest.newBuilder(URI.create(modern + "delete")).DELETE());
        send(HttpRequest.newBuilder(URI.create(modern + "write-untyped")).POST(json));

        var old = url + "/" + "HttpURLConnection, Java ".replace(" ", "%20") + VERSION + "/";
        connect(URI.create(old + "form"), "POST", null, "scope=users%3Aread");
        connect(URI.create(old + "read"), "GET", null, null);
        connect(URI.create(old + "write"), "POST", "application/json", "{\"title\": \"Mine\"}");
        connect(URI.create(old + "post"), "POST", null, null);
        connect(URI.create(old + "delete"), "DELETE", null, null);
    }
}
