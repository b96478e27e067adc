// java Orders.java      (with the mock at MOCKSERVER_URL)
//
// A client of the Investment API on java.net.http.HttpClient, and two checks on the mock. The JDK reads no JSON, so the few
// members that are needed are found by a pattern; your project has Jackson or Gson.
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

class Orders {
    static final HttpClient HTTP = HttpClient.newHttpClient();

    /** What was refused, and why. */
    static class Refused extends RuntimeException {
        final int status;

        Refused(int status, String problem) {
            super(status + ": " + problem);
            this.status = status;
        }
    }

    static String send(HttpRequest request) throws IOException, InterruptedException {
        var response = HTTP.send(request, BodyHandlers.ofString());
        if (response.statusCode() >= 400) throw new Refused(response.statusCode(), response.body());
        return response.body();
    }

    /** Your client. It knows nothing of a mock: only its URL differs in tests. */
    static class Api {
        final String url, clientId, clientSecret;
        String token;

        Api(String url, String clientId, String clientSecret) {
            this.url = url;
            this.clientId = clientId;
            this.clientSecret = clientSecret;
        }

        void logIn(String... scopes) throws IOException, InterruptedException {
            var form = Map.of(
                "client_id", clientId,
                "client_secret", clientSecret,
                "grant_type", "client_credentials",
                "scope", String.join(" ", scopes));
            var body = form.entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
            token = text("access_token", send(HttpRequest.newBuilder(URI.create(url + "/auth/token"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(body))
                .build()));
        }

        HttpRequest.Builder request(String path) {
            return HttpRequest.newBuilder(URI.create(url + path))
                .header("Authorization", "Bearer " + token)
                .header("Upvest-Client-Id", clientId);
        }

        String get(String path) throws IOException, InterruptedException {
            return send(request(path).build());
        }

        String post(String path, String json) throws IOException, InterruptedException {
            return send(request(path)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", UUID.randomUUID().toString())
                .POST(BodyPublishers.ofString(json))
                .build());
        }

        void delete(String path) throws IOException, InterruptedException {
            send(request(path).DELETE().build());
        }
    }

    /** The first text of that name in a JSON document. */
    static String text(String name, String json) {
        var found = Pattern.compile("\"" + name + "\":\\s*\"([^\"]*)\"").matcher(json);
        if (!found.find()) throw new AssertionError("no " + name + " in " + json);
        return found.group(1);
    }

    static final String URL = Optional.ofNullable(System.getenv("MOCKSERVER_URL")).orElse("http://127.0.0.1:8080");

    /** A command to the mock itself: worlds, clocks, faults. */
    static String command(String method, String path, String json) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(URL + "/_mock" + path))
            .header("Content-Type", "application/json")
            .method(method, json == null ? BodyPublishers.noBody() : BodyPublishers.ofString(json));
        var token = System.getenv("MOCKSERVER_CONTROL_TOKEN");
        if (token != null) request.header("Authorization", "Bearer " + token);
        return send(request.build());
    }

    static void equal(Object expected, Object got) {
        if (!expected.equals(got)) throw new AssertionError("expected " + expected + ", got " + got);
    }

    static void anOrderIsFilledOnceTimePasses(Api api) throws IOException, InterruptedException {
        var account = api.get("/accounts").split("\"data\":", 2)[1];
        var order = api.post("/orders", """
            {"user_id": "%s", "account_id": "%s", "side": "BUY", "cash_amount": "100.00", "currency": "EUR",
             "instrument_id": "IE00B4L5Y983", "instrument_id_type": "ISIN", "order_type": "MARKET"}
            """.formatted(text("id", account.split("\"users\":", 2)[1]), text("id", account)));
        equal("NEW", text("status", order));
        command("POST", "/worlds/" + api.clientId + "/clock/advance", "{\"until\": \"idle\"}");
        var filled = api.get("/orders/" + text("id", order));
        equal("FILLED", text("status", filled));
        equal(1.25, Double.valueOf(text("share_quantity", filled))); // 100 EUR at 80
    }

    static void aWebhookIsSubscribedAndRemoved(Api api) throws IOException, InterruptedException {
        var webhook = "/webhooks/" + text("id", api.post("/webhooks", """
            {"title": "Mine", "url": "http://127.0.0.1:9/none", "type": ["ORDER"]}"""));
        api.delete(webhook);
        try {
            throw new AssertionError("it is still there: " + api.get(webhook));
        } catch (Refused refused) {
            equal(404, refused.status);
        }
    }

    interface Check {
        void with(Api api) throws IOException, InterruptedException;
    }

    /** Run a check in a world of its own. */
    static void check(String name, Path world, Check check) throws IOException, InterruptedException {
        var made = command("POST", "/worlds", Files.readString(world));
        var api = new Api(URL, text("client_id", made), text("client_secret", made));
        try {
            api.logIn("accounts:read", "orders:read", "orders:admin", "webhooks:admin");
            check.with(api);
            System.out.println("passed: " + name);
        } finally {
            command("DELETE", "/worlds/" + api.clientId, null);
        }
    }

    public static void main(String[] arguments) throws Exception {
        var world = Path.of("..", "first-order.json");
        check("an order is filled once time passes", world, Orders::anOrderIsFilledOnceTimePasses);
        check("a webhook is subscribed and removed", world, Orders::aWebhookIsSubscribedAndRemoved);
    }
}
