/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Many more manifests than the node runs pods. */
class ManyManifestsTest extends DaemonProcess {

    private static final int PLACES = 20;
    private static final int MANIFESTS = 600;

    private static final Pattern REJECTED = Pattern.compile("\"PodReadyToStartContainers\"[^}]*\"OutOfpods\"");

    private static String name(int i) {
        return String.format(Locale.ROOT, "pod%03d", i);
    }

    private long rejected() {
        return REJECTED.matcher(get("/api/v1/pods")).results().count();
    }

    @Test
    void theFirstRunAndTheOthersSayWhyNotUntilAPlaceIsFree() throws IOException {
        for (int i = 0; i < MANIFESTS; i++) {
            write(
                    name(i) + ".yaml",
                    "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name(i) + "}\nspec:\n"
                            + "  terminationGracePeriodSeconds: 0\n  containers: [{name: c, image: image}]\n");
        }
        start(128, "--max-pods=" + PLACES);
        await("the pods that fit to run", () -> running() == PLACES);
        await("the others to be rejected", () -> rejected() == MANIFESTS - PLACES);
        Files.delete(manifest(name(0) + ".yaml"));
        await(
                "the next one to run",
                () -> get("/api/v1/namespaces/default/pods/" + name(PLACES)).contains("\"phase\":\"Running\""));
        await("the rest to wait", () -> rejected() == MANIFESTS - PLACES - 1);
        assertEquals(PLACES, running());
    }
}
