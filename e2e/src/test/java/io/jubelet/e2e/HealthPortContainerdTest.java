/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The port where kubeadm, and others, wait for a kubelet. */
@OnContainerd
class HealthPortContainerdTest {

    private final HttpClient client = HttpClient.newHttpClient();
    private DaemonProcess daemon;
    private int port;

    @BeforeEach
    void prepare() throws IOException {
        port = ServerProcess.freePort();
    }

    @AfterEach
    void stop() throws IOException {
        client.shutdownNow();
        if (daemon != null) {
            daemon.close();
        }
    }

    private String config(int healthzPort) throws IOException {
        return "--config="
                + Files.writeString(
                        daemon.home.resolve("config.yaml"),
                        "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"
                                + "healthzBindAddress: 127.0.0.1\nhealthzPort: " + healthzPort + "\n");
    }

    private String ask(String path) {
        try {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() + " " + answer.body();
        } catch (IOException e) {
            return "nobody";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    private void awaitOk() {
        daemon.await("the port of health to say ok", () -> ask("/healthz").equals("200 ok"));
    }

    @Test
    void tellsHealthAndNothingElseWhereTheConfigurationNamesIt() throws Exception {
        daemon = new DaemonProcess();
        daemon.start(config(port));
        awaitOk();
        for (String other : new String[] {"/", "/healthz/", "/pods", "/healthz/log", "/jubelet/v1/pods"}) {
            String answer = ask(other);
            assertEquals(other.equals("/healthz/") ? "200" : "404", answer.substring(0, 3), other);
        }
        daemon.stop();
        daemon.start(config(0));
        assertFalse(ServerProcess.listens(port), "0 is for no port");
        daemon.stop();
        daemon.start(config(0), "--healthz-port=" + port);
        awaitOk();
    }

    @Test
    void aPortThatIsTakenStopsNoPodAndIsTakenWhenItIsFree() throws Exception {
        daemon = new DaemonProcess();
        try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertTrue(taken.isBound());
            daemon.start(config(port));
            daemon.write("web.yaml", DaemonProcess.pod("web", DaemonProcess.sleeper()));
            daemon.awaitRunning("web");
            daemon.await(
                    "the log to name the port",
                    () -> daemon.log()
                            .contains("cannot listen on 127.0.0.1:" + port
                                    + " to serve /healthz; pods run without it, and it"
                                    + " is retried every 5 s: Address already in use"));
        }
        awaitOk();
        assertEquals(1, daemon.running("web").size());
    }

    @Test
    void nothingIsWellBeforeTheRuntimeHasAnswered() throws Exception {
        Path containerd = RuntimeUnderTest.containerd();
        Path directory = Files.createTempDirectory("jubelet-health");
        Path endpoint = directory.resolve("containerd.sock");
        try {
            daemon = new DaemonProcess(containerd, endpoint, List.of());
            daemon.start(config(port));
            daemon.await(
                    "the reason",
                    () -> ask("/healthz").equals("500 the runtime at unix://" + endpoint + " has not answered yet"));
            Files.createSymbolicLink(endpoint, containerd);
            awaitOk();
        } finally {
            Files.deleteIfExists(endpoint);
            Files.delete(directory);
        }
    }
}
