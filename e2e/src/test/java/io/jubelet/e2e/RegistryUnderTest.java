/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.jubelet.testing.Eventually;
import java.io.IOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.stream.Stream;

/** A docker-registry on a free port of the loopback with its own storage, and methods that push images. */
public final class RegistryUnderTest implements AutoCloseable {

    static final String USER = "puller";
    static final String PASSWORD = "hunter2-of-the-registry";

    private static final Path PROGRAM = Path.of("/usr/bin/docker-registry");

    /** {@link #PASSWORD} with bcrypt. */
    private static final String HTPASSWD = USER + ":$2b$04$/F4MZbNMP0RmshBQHneAfuWPH4baLmXqO/MSwb0dOka5wTZOoOQFK\n";

    private static final String LAYER = "application/vnd.oci.image.layer.v1.tar";
    private static final String CONFIG = "application/vnd.oci.image.config.v1+json";
    private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

    /** A blob that was pushed. */
    private record Blob(String digest, long size) {
        String json(String type) {
            return "{\"mediaType\":\"" + type + "\",\"digest\":\"" + digest + "\",\"size\":" + size + "}";
        }
    }

    private final Path directory;
    private final int port;
    private final boolean closed;
    private Process process;

    /**
     * Starts one.
     *
     * @param closed whether it gives nothing away without {@link #USER} and {@link #PASSWORD}
     */
    public RegistryUnderTest(boolean closed) throws IOException {
        this(closed, ServerProcess.freePort());
    }

    private RegistryUnderTest(boolean closed, int port) throws IOException {
        if (!Files.isExecutable(PROGRAM)) {
            String reason = "no docker-registry: tools/setup.sh --ci installs it";
            if (Boolean.getBoolean("jubelet.test.no-skip")) {
                fail(reason);
            }
            abort(reason);
        }
        this.closed = closed;
        this.port = port;
        this.directory = Files.createTempDirectory("jubelet-registry");
        start();
    }

    /** Its name in image references. */
    public String host() {
        return "127.0.0.1:" + port;
    }

    int port() {
        return port;
    }

    /** Starts it, and again after {@link #stop}, with what it held. */
    void start() throws IOException {
        Files.writeString(directory.resolve("htpasswd"), HTPASSWD);
        String auth = closed ? "auth: {htpasswd: {realm: test, path: " + directory.resolve("htpasswd") + "}}" : "";
        Path config = Files.writeString(
                directory.resolve("config.yml"), """
                version: 0.1
                log: {level: warn}
                storage: {filesystem: {rootdirectory: %s}}
                http: {addr: 127.0.0.1:%s}
                %s
                """.formatted(directory.resolve("storage"), port, auth));
        ProcessBuilder builder = new ProcessBuilder(PROGRAM.toString(), "serve", config.toString());
        builder.environment().put("OTEL_TRACES_EXPORTER", "none");
        process = builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("log").toFile()))
                .start();
        Eventually.within(Eventually.DEFAULT_TIMEOUT)
                .retrying(IOException.class)
                .details(this::log)
                .until("the registry to answer", () -> call("GET", "/v2/", "").getResponseCode(), code -> code == 200);
    }

    /** Kills the registry; its port refuses connections then. */
    void stop() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** What it logged, a line for each request. */
    String log() {
        try {
            return Files.readString(directory.resolve("log"));
        } catch (IOException e) {
            return "no log: " + e;
        }
    }

    /** How many requests began so, such as {@code GET /v2/app/blobs/}, and were answered so. */
    long requests(String beginning, int code) {
        return log().lines()
                .filter(line -> line.contains("\"" + beginning) && line.contains("HTTP/1.1\" " + code + " "))
                .count();
    }

    @Override
    public void close() throws IOException {
        stop();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    // --- images

    /**
     * Pushes an image of busybox.
     *
     * @param mark makes the image differ from others; a container of it sees it in its environment as MARK
     * @param extra bytes of zeros in a second layer; zero for no such layer
     * @return the digest of its manifest
     */
    public String push(String repository, String tag, String mark, long extra)
            throws IOException, InterruptedException {
        Blob busybox = pushFile(repository, busybox());
        Blob more = extra == 0 ? null : pushFile(repository, zeros(mark, extra));
        String diffs = "\"" + busybox.digest() + "\"" + (more == null ? "" : ",\"" + more.digest() + "\"");
        Blob config = pushBytes(repository, """
                {"architecture":"%s","os":"linux","config":{"Env":["PATH=/bin","MARK=%s"],"Cmd":["sh"]},\
                "rootfs":{"type":"layers","diff_ids":[%s]}}""".formatted(architecture(), mark, diffs));
        String layers = busybox.json(LAYER) + (more == null ? "" : "," + more.json(LAYER));
        byte[] manifest = ("{\"schemaVersion\":2,\"mediaType\":\"" + MANIFEST + "\",\"config\":" + config.json(CONFIG)
                        + ",\"layers\":[" + layers + "]}")
                .getBytes(StandardCharsets.UTF_8);
        HttpURLConnection put = call("PUT", "/v2/" + repository + "/manifests/" + tag, MANIFEST);
        try (OutputStream out = put.getOutputStream()) {
            out.write(manifest);
        }
        assertEquals(201, put.getResponseCode(), this::log);
        return "sha256:" + HexFormat.of().formatHex(sha256().digest(manifest));
    }

    private static String architecture() {
        return System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    }

    private Path busybox() throws IOException, InterruptedException {
        Path layer = directory.resolve("busybox.tar");
        if (!Files.exists(layer)) {
            Commands.shell(directory, """
                    mkdir -p root/bin root/proc root/tmp && cp "$(command -v busybox)" root/bin/busybox
                    for applet in sh sleep cat ls env echo; do ln -s busybox root/bin/$applet; done
                    tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C root -cf busybox.tar .""");
        }
        return layer;
    }

    private Path zeros(String mark, long bytes) throws IOException, InterruptedException {
        Commands.shell(
                directory,
                "rm -rf more && mkdir more && echo " + mark + " >more/mark && truncate -s " + bytes
                        + " more/zeros && tar --mtime=@0 -C more -cf more.tar . && rm -rf more");
        return directory.resolve("more.tar");
    }

    private Blob pushBytes(String repository, String text) throws IOException {
        return pushFile(repository, Files.writeString(directory.resolve("blob"), text));
    }

    private Blob pushFile(String repository, Path file) throws IOException {
        MessageDigest sum = sha256();
        try (var in = Files.newInputStream(file)) {
            byte[] part = new byte[1 << 20];
            for (int n = in.read(part); n >= 0; n = in.read(part)) {
                sum.update(part, 0, n);
            }
        }
        Blob blob = new Blob("sha256:" + HexFormat.of().formatHex(sum.digest()), Files.size(file));
        HttpURLConnection begin = call("POST", "/v2/" + repository + "/blobs/uploads/", "");
        begin.setFixedLengthStreamingMode(0);
        begin.getOutputStream().close();
        assertEquals(202, begin.getResponseCode(), this::log);
        URI where = URI.create(begin.getHeaderField("Location"));
        HttpURLConnection put = call(
                "PUT",
                where.getRawPath() + "?" + where.getRawQuery() + "&digest=" + blob.digest(),
                "application/octet-stream");
        put.setFixedLengthStreamingMode(blob.size());
        try (OutputStream out = put.getOutputStream()) {
            Files.copy(file, out);
        }
        assertEquals(201, put.getResponseCode(), this::log);
        return blob;
    }

    private HttpURLConnection call(String method, String path, String type) throws IOException {
        HttpURLConnection connection = (HttpURLConnection)
                URI.create("http://" + host() + path).toURL().openConnection();
        connection.setRequestMethod(method);
        String login = USER + ":" + PASSWORD;
        connection.setRequestProperty(
                "Authorization", "Basic " + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8)));
        if (!type.isEmpty()) {
            connection.setRequestProperty("Content-Type", type);
        }
        connection.setDoOutput(method.startsWith("P"));
        return connection;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has it", e);
        }
    }

    /** What a {@code config.json} with credentials for this registry says. */
    String dockerConfig(String user, String password) {
        String auth = Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
        return "{\"auths\": {\"" + host() + "\": {\"auth\": \"" + auth + "\"}}}";
    }
}
