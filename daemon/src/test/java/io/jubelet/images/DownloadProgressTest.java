/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.images;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.cri.Containerd;
import io.jubelet.plan.PullProgress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Tests the progress of a pull with the manifests of a registry that is not trusted. */
class DownloadProgressTest {

    private static final String SOURCE = "containerd.io/distribution.source.docker.io";

    private final Map<String, String> manifests = new HashMap<>();
    private final List<String> read = new ArrayList<>();

    private final Containerd containerd = new Containerd() {
        @Override
        public List<Download> downloads() {
            return List.of(new Download("sha256:layer", 30, 100));
        }

        @Override
        public List<Blob> blobs(String label) {
            assertEquals(SOURCE, label);
            return manifests.keySet().stream()
                    .map(digest -> new Blob(
                            digest,
                            10,
                            Map.of(SOURCE, "library/web", "containerd.io/gc.ref.content.l.0", "sha256:layer")))
                    .toList();
        }

        @Override
        public byte[] readContent(String digest, int maxBytes) {
            read.add(digest);
            byte[] all = manifests.get(digest).getBytes(StandardCharsets.UTF_8);
            return Arrays.copyOf(all, Math.min(all.length, maxBytes));
        }

        @Override
        public List<String> containerImages() {
            throw new AssertionError("not needed");
        }
    };

    private static String manifest(String size, int length) {
        String text = "{\"layers\":[{\"digest\":\"sha256:layer\",\"size\":" + size + "}]}";
        return text + " ".repeat(length - text.length());
    }

    private String progress() {
        PullProgress pull = new PullProgress("web:1", Instant.EPOCH, Optional.of(Instant.EPOCH), 0, 0);
        PullProgress measured =
                new DownloadProgress(Optional.of(containerd)).of(List.of(pull)).getFirst();
        return measured.doneBytes() + "/" + measured.totalBytes();
    }

    @Test
    void readsManifestsUpToTheLimit() {
        manifests.put("sha256:m", manifest("100", DownloadProgress.MAX_MANIFEST_BYTES));
        assertEquals("30/100", progress());
        String longer = manifest("100", 100).strip();
        manifests.put("sha256:m", " ".repeat(DownloadProgress.MAX_MANIFEST_BYTES + 1 - longer.length()) + longer);
        assertEquals("0/0", progress());
    }

    @Test
    void readsFewManifests() {
        for (int i = 0; i < DownloadProgress.MAX_MANIFESTS; i++) {
            manifests.put("sha256:m" + i, manifest("100", 100));
        }
        assertEquals("480/1600", progress());
        for (int i = 0; i < 1000; i++) {
            manifests.put("sha256:more" + i, manifest("100", 100));
        }
        read.clear();
        progress();
        assertEquals(DownloadProgress.MAX_MANIFESTS, read.size());
    }

    @Test
    void ignoresSizesThatAreNoSizes() {
        for (String size : List.of("9223372036854775808", "-1", "1e400")) {
            manifests.put("sha256:m", manifest(size, 100));
            assertEquals("0/0", progress(), size);
        }
    }
}
