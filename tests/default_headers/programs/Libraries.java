// OkHttp, Spring's RestClient (on Java's HttpClient and on HttpURLConnection) and Apache HttpClient 4 and 5, from the
// class path of pom.xml: java -cp "$(cat class-path.txt)" Libraries.java URL
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import okhttp3.FormBody;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.client.SimpleClientHttpRequestFactory;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.web.client.RestClient;

class Libraries {
    static String base(String url, String client) {
        return url + "/" + client.replace(" ", "%20") + "/";
    }

    static void okhttp(String url) throws Exception {
        var client = new OkHttpClient();
        var base = base(url, "OkHttp " + okhttp3.OkHttp.VERSION);
        var json = RequestBody.create("{\"title\": \"Mine\"}", MediaType.get("application/json"));
        for (var request : List.of(
            new Request.Builder().url(base + "form").post(new FormBody.Builder().add("scope", "users:read").build()),
            new Request.Builder().url(base + "read"),
            new Request.Builder().url(base + "write").post(json),
            new Request.Builder().url(base + "post").post(RequestBody.create(new byte[0])),
            new Request.Builder().url(base + "delete").delete())) {
            client.newCall(request.build()).execute().close();
        }
    }

    static void spring(String url, String name, ClientHttpRequestFactory factory) {
        var client = RestClient.builder().requestFactory(factory).build();
        var version = org.springframework.core.SpringVersion.class.getPackage().getImplementationVersion();
        var base = base(url, "Spring RestClient " + version + " on " + name);
        var form = new LinkedMultiValueMap<String, String>();
        form.add("scope", "users:read");
        var forms = org.springframework.http.MediaType.APPLICATION_FORM_URLENCODED;
        client.post().uri(URI.create(base + "form")).contentType(forms).body(form).retrieve().body(Map.class);
        client.get().uri(URI.create(base + "read")).retrieve().body(Map.class);
        client.post().uri(URI.create(base + "write")).body(Map.of("title", "Mine")).retrieve().body(Map.class);
        client.post().uri(URI.create(base + "post")).retrieve().body(Map.class);
        client.delete().uri(URI.create(base + "delete")).retrieve().toBodilessEntity();
    }

    static void apache4(String url) throws Exception {
        var version = org.apache.http.util.VersionInfo.loadVersionInfo(
            "org.apache.http.client", Libraries.class.getClassLoader()).getRelease();
        var base = base(url, "Apache HttpClient " + version);
        try (var client = org.apache.http.impl.client.HttpClients.createDefault()) {
            var form = new org.apache.http.client.methods.HttpPost(base + "form");
            form.setEntity(new org.apache.http.client.entity.UrlEncodedFormEntity(
                List.of(new org.apache.http.message.BasicNameValuePair("scope", "users:read"))));
            client.execute(form).close();
            client.execute(new org.apache.http.client.methods.HttpGet(base + "read")).close();
            var write = new org.apache.http.client.methods.HttpPost(base + "write");
            write.setEntity(new org.apache.http.entity.StringEntity(
                "{\"title\": \"Mine\"}", org.apache.http.entity.ContentType.APPLICATION_JSON));
            client.execute(write).close();
            client.execute(new org.apache.http.client.methods.HttpPost(base + "post")).close();
            client.execute(new org.apache.http.client.methods.HttpDelete(base + "delete")).close();
        }
    }

    static void apache5(String url) throws Exception {
        var version = org.apache.hc.core5.util.VersionInfo.loadVersionInfo(
            "org.apache.hc.client5", Libraries.class.getClassLoader()).getRelease();
        var base = base(url, "Apache HttpClient " + version);
        try (var client = org.apache.hc.client5.http.impl.classic.HttpClients.createDefault()) {
            var form = new org.apache.hc.client5.http.classic.methods.HttpPost(base + "form");
            form.setEntity(new org.apache.hc.client5.http.entity.UrlEncodedFormEntity(
                List.of(new org.apache.hc.core5.http.message.BasicNameValuePair("scope", "users:read"))));
            var write = new org.apache.hc.client5.http.classic.methods.HttpPost(base + "write");
            write.setEntity(new org.apache.hc.core5.http.io.entity.StringEntity(
                "{\"title\": \"Mine\"}", org.apache.hc.core5.http.ContentType.APPLICATION_JSON));
            for (var request : List.of(
                form,
                new org.apache.hc.client5.http.classic.methods.HttpGet(base + "read"),
                write,
                new org.apache.hc.client5.http.classic.methods.HttpPost(base + "post"),
                new org.apache.hc.client5.http.classic.methods.HttpDelete(base + "delete"))) {
                client.execute(request, answer -> answer.getCode());
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        var url = arguments[0];
        okhttp(url);
        spring(url, "HttpClient", new JdkClientHttpRequestFactory());
        spring(url, "HttpURLConnection", new SimpleClientHttpRequestFactory());
        apache4(url);
        apache5(url);
    }
}
