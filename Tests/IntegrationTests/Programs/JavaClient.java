import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;

/** What a program on java.net.http does, against web_server.py: java JavaClient.java URL WEBSOCKET-URL. */
class JavaClient {
  static void check(boolean holds, Object what) {
    if (!holds) throw new IllegalStateException(String.valueOf(what));
  }

  public static void main(String[] arguments) throws Exception {
    String url = arguments[0];
    // The default asks each new server for HTTP/2 by `Upgrade: h2c`; the other one never does.
    for (HttpClient.Version version : HttpClient.Version.values()) {
      HttpClient client = HttpClient.newBuilder().version(version).connectTimeout(Duration.ofSeconds(10)).build();
      HttpRequest.Builder numbers = HttpRequest.newBuilder(URI.create(url + "/numbers")).timeout(Duration.ofSeconds(20));
      for (int round = 0; round < 20; round++) {
        HttpResponse<String> answer = client.send(numbers.build(), BodyHandlers.ofString());
        check(answer.statusCode() == 200 && answer.body().endsWith("\n99\n"), answer);
      }
      var all = IntStream.range(0, 50)
          .mapToObj(n -> client.sendAsync(numbers.build(), BodyHandlers.ofString()))
          .toList();
      for (var one : all) check(one.get().body().length() == 290, one.get());

      byte[] body = new byte[8_000_000];
      for (int i = 0; i < body.length; i++) body[i] = (byte) (i * 31 + (i >> 8));
      HttpRequest upload = HttpRequest.newBuilder(URI.create(url + "/echo")).timeout(Duration.ofSeconds(20))
          .POST(BodyPublishers.ofByteArray(body)).build();
      check(Arrays.equals(client.send(upload, BodyHandlers.ofByteArray()).body(), body), "the echo differs");

      HttpRequest patient = HttpRequest.newBuilder(URI.create(url + "/digest")).expectContinue(true)
          .timeout(Duration.ofSeconds(20)).POST(BodyPublishers.ofString("patience")).build();
      check(client.send(patient, BodyHandlers.ofString()).body().startsWith("8 "), "the digest differs");
    }

    CompletableFuture<String> heard = new CompletableFuture<>();
    WebSocket socket = HttpClient.newHttpClient().newWebSocketBuilder()
        .buildAsync(URI.create(arguments[1]), new WebSocket.Listener() {
          @Override public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean isLast) {
            heard.complete(text.toString());
            return null;
          }
        }).get();
    socket.sendText("hello from Java", true).get();
    check(heard.get().equals("hello from Java"), heard);
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "done").get();
    System.out.println("all right");
  }
}
