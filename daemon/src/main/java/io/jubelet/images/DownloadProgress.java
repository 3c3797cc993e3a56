/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.images;

import io.jubelet.cri.Containerd;
import io.jubelet.cri.Containerd.Blob;
import io.jubelet.cri.Containerd.Download;
import io.jubelet.cri.CriException;
import io.jubelet.document.Documents;
import io.jubelet.document.Findings;
import io.jubelet.document.Node;
import io.jubelet.plan.PullProgress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Measures how much of a pull has been downloaded. The CRI does not report it, but the content
 * store of containerd does. Only queried when a user looks. Safe for use by many threads; blocks
 * for some short calls.
 *
 * <p>A download belongs to the pull whose manifest names it; manifests are downloaded first. Two
 * pulls of one repository that share layers both count them.
 */
public final class DownloadProgress {

    /**
     * The label prefix of the repository of a blob; followed by the registry's host without its
     * port.
     */
    private static final String SOURCE = "containerd.io/distribution.source.";

    /** The label prefix of the blobs that a manifest names. */
    private static final String NAMES = "containerd.io/gc.ref.content.";

    /**
     * The maximum size of a manifest that is read, in bytes: 256 KiB. One of a hundred layers takes
     * 20 KiB, and what is read is parsed into objects that take much more memory.
     */
    static final int MAX_MANIFEST_BYTES = 256 << 10;

    /** The maximum number of manifests that are read for one pull; a platform needs one. */
    static final int MAX_MANIFESTS = 16;

    private final Optional<Containerd> containerd;

    /** @param containerd the client of containerd; empty when the runtime is not containerd */
    public DownloadProgress(Optional<Containerd> containerd) {
        this.containerd = Objects.requireNonNull(containerd, "containerd");
    }

    /** Returns the pulls with their progress, where the runtime reports it. */
    public List<PullProgress> of(List<PullProgress> pulls) {
        if (containerd.isEmpty() || pulls.stream().allMatch(pull -> pull.begun().isEmpty())) {
            return pulls;
        }
        try {
            Map<String, Download> downloads = new HashMap<>();
            containerd.get().downloads().forEach(download -> downloads.put(download.digest(), download));
            return downloads.isEmpty()
                    ? pulls
                    : pulls.stream().map(pull -> measured(pull, downloads)).toList();
        } catch (CriException _) {
            return pulls; // the runtime is not containerd, or is unavailable
        }
    }

    private PullProgress measured(PullProgress pull, Map<String, Download> downloads) {
        Optional<String> reference = ImageReference.normalized(pull.image());
        if (pull.begun().isEmpty() || reference.isEmpty()) {
            return pull;
        }
        String repository = ImageReference.repository(reference.get());
        int slash = repository.indexOf('/');
        String path = repository.substring(slash + 1);
        String label = SOURCE + withoutPort(repository.substring(0, slash));
        Map<String, Blob> there = new HashMap<>();
        for (Blob blob : containerd.get().blobs(label)) {
            if (Arrays.asList(blob.labels().getOrDefault(label, "").split(",")).contains(path)) {
                there.put(blob.digest(), blob);
            }
        }
        long done = 0;
        long total = 0;
        int manifests = 0;
        for (Blob manifest : there.values()) {
            if (names(manifest, downloads) && manifests++ < MAX_MANIFESTS) {
                for (Map.Entry<String, Long> part : parts(manifest.digest()).entrySet()) {
                    Download download = downloads.get(part.getKey());
                    total += part.getValue();
                    done += there.containsKey(part.getKey()) ? part.getValue() : download == null ? 0 : download.done();
                }
            }
        }
        return new PullProgress(pull.image(), pull.since(), pull.begun(), done, total);
    }

    private static String withoutPort(String host) {
        int colon = host.lastIndexOf(':');
        return colon < 0 || host.indexOf(']') > colon ? host : host.substring(0, colon);
    }

    private static boolean names(Blob manifest, Map<String, Download> downloads) {
        return manifest.labels().entrySet().stream()
                .anyMatch(label -> label.getKey().startsWith(NAMES) && downloads.containsKey(label.getValue()));
    }

    /** Returns the sizes in bytes of the parts of a manifest, by digest. */
    private Map<String, Long> parts(String digest) {
        Map<String, Long> parts = new HashMap<>();
        String text = new String(containerd.get().readContent(digest, MAX_MANIFEST_BYTES), StandardCharsets.UTF_8);
        if (Documents.readJson(text, new Findings()) instanceof Node.Mapping manifest) {
            part(manifest.get("config"), parts);
            if (manifest.get("layers") instanceof Node.Sequence layers) {
                layers.items().forEach(layer -> part(layer, parts));
            }
        }
        return parts;
    }

    private static void part(@Nullable Node descriptor, Map<String, Long> parts) {
        if (descriptor instanceof Node.Mapping part
                && part.get("digest") instanceof Node.Scalar digest
                && part.get("size") instanceof Node.Scalar size
                && size.type() == Node.Type.INTEGER) {
            try {
                long bytes = Long.parseLong(size.value());
                if (bytes >= 0) {
                    parts.put(digest.value(), bytes);
                }
            } catch (NumberFormatException _) {
                // The author of the image wrote it, and a size beyond the range is not one.
            }
        }
    }
}
