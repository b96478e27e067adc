// java Receiver.java      (MOCKSERVER_URL, UPVEST_CLIENT_ID)
//
// A receiver of webhooks that verifies every delivery, signed by version 6 or 15: 200, or 401 and the reason. The JDK reads
// no JSON, so the few members that are needed are found by a pattern; your project has Jackson or Gson.
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

class Receiver {
    static final HttpClient HTTP = HttpClient.newHttpClient();
    static final String API = setting("MOCKSERVER_URL", "http://127.0.0.1:8080");

    static String setting(String name, String otherwise) {
        return Optional.ofNullable(System.getenv(name)).orElse(otherwise);
    }

    /** Why a delivery is not genuine. */
    static class NotGenuine extends Exception {
        NotGenuine(String reason) {
            super(reason);
        }
    }

    /** A key that deliveries are signed with. They rotate: fetch them again for an id that is not among them. */
    static PublicKey publishedKey(String kid) throws IOException, InterruptedException, GeneralSecurityException, NotGenuine {
        var request = HttpRequest.newBuilder(URI.create(API + "/auth/verify_keys"))
            .header("Accept", "application/json")
            .header("Upvest-Client-Id", System.getenv("UPVEST_CLIENT_ID"));
        var answer = HTTP.send(request.build(), BodyHandlers.ofString()).body();
        var keys = Pattern.compile("\\{[^{}]*\"kid\":\\s*\"" + Pattern.quote(kid) + "\"[^{}]*\\}").matcher(answer);
        if (!keys.find()) throw new NotGenuine("its key is not published");
        var curve = AlgorithmParameters.getInstance("EC");
        curve.init(new ECGenParameterSpec("secp521r1"));
        var point = new ECPoint(coordinate("x", keys.group()), coordinate("y", keys.group()));
        var specification = new ECPublicKeySpec(point, curve.getParameterSpec(ECParameterSpec.class));
        return KeyFactory.getInstance("EC").generatePublic(specification);
    }

    static BigInteger coordinate(String name, String key) {
        return new BigInteger(1, Base64.getUrlDecoder().decode(found("\"" + name + "\":\\s*\"([^\"]+)\"", key).group(1)));
    }

    static Matcher found(String form, String text) {
        var found = Pattern.compile(form).matcher(text == null ? "" : text);
        return found.find() ? found : null;
    }

    /** The body is the bytes that came, not JSON that was written again. */
    static void check(HttpExchange request, byte[] body)
            throws IOException, InterruptedException, GeneralSecurityException, NotGenuine {
        var headers = request.getRequestHeaders();
        var given = found("^sig1=(\\((\"[^)]*\")\\);.*)$", headers.getFirst("Signature-Input"));
        var made = found("^sig1=:([A-Za-z0-9+/=]+):$", headers.getFirst("Signature"));
        if (given == null || made == null) throw new NotGenuine("it is not signed");
        var params = given.group(1);
        var newer = "15".equals(headers.getFirst("Upvest-Signature-Version"));
        var quote = newer ? "\"" : ""; // version 6 writes the names without quotes
        var uri = request.getRequestURI();
        var names = new ArrayList<String>();
        var base = new StringBuilder();
        var listed = Pattern.compile("\"([^\"]+)\"").matcher(given.group(2));
        while (listed.find()) {
            var name = listed.group(1);
            var value = switch (name) {
                case "@method" -> request.getRequestMethod();
                case "@path" -> uri.getRawPath();
                case "@query" -> uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
                default -> headers.getFirst(name);
            };
            names.add(name);
            base.append(quote).append(name).append(quote).append(": ").append(value).append("\n");
        }
        base.append(quote).append("@signature-params").append(quote).append(": ").append(params);

        var header = newer ? "content-digest" : "digest";
        var hashed = MessageDigest.getInstance(newer ? "SHA-512" : "SHA-256").digest(body);
        var encoded = Base64.getEncoder().encodeToString(hashed);
        var digest = newer ? "sha-512=:" + encoded + ":" : "SHA-256=" + encoded;
        if (!names.contains(header) || !digest.equals(headers.getFirst(header)))
            throw new NotGenuine(header + " is not that of the body");
        var expires = found(";expires=(\\d+)", params);
        if (expires != null && Long.parseLong(expires.group(1)) < System.currentTimeMillis() / 1000 - 60)
            throw new NotGenuine("it is expired");
        var kid = found(";keyid=\"([^\"]+)\"", params);
        if (kid == null) throw new NotGenuine("it names no key");
        var verifier = Signature.getInstance("SHA512withECDSA");
        verifier.initVerify(publishedKey(kid.group(1)));
        verifier.update(base.toString().getBytes(StandardCharsets.UTF_8));
        if (!verifier.verify(Base64.getDecoder().decode(made.group(1)))) throw new NotGenuine("the signature does not fit");
    }

    static void receive(HttpExchange exchange) throws IOException {
        var body = exchange.getRequestBody().readAllBytes();
        var status = 200;
        var content = new byte[0];
        try {
            check(exchange, body);
        } catch (NotGenuine | GeneralSecurityException | InterruptedException refused) {
            status = 401;
            content = String.valueOf(refused.getMessage()).getBytes(StandardCharsets.UTF_8);
        }
        exchange.sendResponseHeaders(status, content.length == 0 ? -1 : content.length);
        exchange.getResponseBody().write(content);
        exchange.close();
    }

    public static void main(String[] arguments) throws IOException {
        var server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(setting("PORT", "0"))), 0);
        server.createContext("/", Receiver::receive);
        server.start();
        System.out.println("listening on " + server.getAddress().getPort());
    }
}
