/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import io.jubelet.cri.Container;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;

/** Pods on real containerd that tell of their network, and what the daemon tells of it. */
@OnContainerd
abstract class NetworkedPods {

    static final String NEVER = "  restartPolicy: Never";
    private static final String LAST_LINE = "the end\n";

    DaemonProcess daemon;

    @AfterEach
    void stopDaemon() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    void start(String... flags) throws IOException {
        daemon = new DaemonProcess(flags).start();
    }

    /** A script that says when it has said everything. */
    static String told(String script) {
        return script + "; echo the end";
    }

    /** What a pod of one container prints until it has ended, whose script is {@link #told}. */
    String output(String pod) {
        daemon.await(pod + " to be done", () -> api(pod).contains("\"phase\":\"Succeeded\""));
        Container container = daemon.containers(pod).getFirst();
        // The runtime tells of the end while it still writes the end of the log.
        daemon.await("all of its output", () -> daemon.output(container).endsWith(LAST_LINE));
        String all = daemon.output(container);
        return all.substring(0, all.length() - LAST_LINE.length());
    }

    String api(String pod) {
        return daemon.get("/api/v1/namespaces/default/pods/" + pod + "-" + daemon.node);
    }

    String events(String pod) {
        return daemon.cliQuietly("get", "events", "--for", pod, "-o", "wide");
    }
}
