/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import io.jubelet.cri.Container;
import io.jubelet.cri.Image;
import io.jubelet.cri.ImageSpec;
import io.jubelet.cri.grpc.CriConnection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Pods from images of a real registry, on real containerd; what was pulled is removed again. */
@OnContainerd
abstract class PulledPods {

    private final List<String> pulled = new ArrayList<>();
    DaemonProcess daemon;
    RegistryUnderTest registry;

    @BeforeEach
    void prepare() throws IOException {
        daemon = new DaemonProcess("-v=5");
        registry = new RegistryUnderTest(false);
    }

    @AfterEach
    void removeEverything() throws IOException {
        if (daemon != null) {
            try (var images = CriConnection.open(RuntimeUnderTest.containerd().toString())) {
                daemon.close();
                for (String image : pulled) {
                    Image there = images.imageService().imageStatus(ImageSpec.of(image));
                    if (there != null) {
                        images.imageService().removeImage(ImageSpec.of(there.id()));
                    }
                }
            }
        }
        if (registry != null) {
            registry.close();
        }
    }

    String image(String reference) {
        pulled.add(reference);
        return reference;
    }

    static String pod(String name, String image, String policy, String moreSpec) {
        return """
                apiVersion: v1
                kind: Pod
                metadata:
                  name: %s
                spec:
                  terminationGracePeriodSeconds: 1
                %s
                  containers:
                  - name: app
                    image: %s
                    imagePullPolicy: %s
                    command: ["sh", "-c", "echo mark=$MARK; trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"]
                """.formatted(name, moreSpec.isEmpty() ? "  # nothing else" : moreSpec, image, policy);
    }

    void awaitOutput(Container container, String text) {
        daemon.await("\"" + text + "\"", () -> daemon.output(container).contains(text));
    }

    String events(String pod) {
        return daemon.cliQuietly("get", "events", "--for", "pod/" + pod, "--no-headers");
    }

    String status(String pod) {
        return daemon.get("/api/v1/namespaces/default/pods/" + pod + "-" + daemon.node);
    }
}
