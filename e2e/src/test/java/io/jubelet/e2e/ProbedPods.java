/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import io.jubelet.cri.Container;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * A daemon with pods that have probes, and what the runtime, the containers and the status show of them. Where one failed probe
 * would decide a test, the probe has a longer timeout than the default of one second, because a command in a container takes
 * that long on a busy machine.
 */
@OnContainerd
abstract class ProbedPods {

    /** As {@link DaemonProcess#sleeper}, and says when it would end at once. */
    static final String TOUCHES_UP = "trap 'exit 0' TERM; touch /tmp/up; while :; do sleep 1000 & wait; done";

    DaemonProcess daemon;

    @BeforeEach
    void startDaemon() throws IOException {
        daemon = new DaemonProcess().start();
    }

    @AfterEach
    void stopDaemon() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    /** A pod of one container with lines of the container, indented by four. */
    static String pod(String name, String script, String lines) {
        return DaemonProcess.pod(name, script) + lines.indent(4);
    }

    String status(String pod) {
        return daemon.get("/api/v1/namespaces/default/pods/" + pod + "-" + daemon.node);
    }

    boolean ready(String pod) {
        return status(pod).contains("\"ready\":true");
    }

    boolean started(String pod) {
        return status(pod).contains("\"started\":true");
    }

    void exec(Container container, String script) {
        daemon.runtime().execSync(container.id(), List.of("sh", "-c", script), DaemonProcess.SOON);
    }

    int restarts(String pod) {
        return daemon.containers(pod).stream()
                .mapToInt(c -> c.metadata().attempt())
                .max()
                .orElse(-1);
    }
}
