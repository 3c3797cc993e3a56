/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import io.jubelet.document.FieldReader;
import io.jubelet.document.Node;
import io.jubelet.document.Spelling;
import io.jubelet.pod.ImagePullPolicy;
import io.jubelet.pod.PageSize;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.Quantity;
import io.jubelet.pod.Volume;
import io.jubelet.schema.Names;
import io.jubelet.schema.PodFields;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Parses and validates the volumes of one pod, and applies the v1 defaults. Not thread-safe. */
final class VolumeParser {

    private static final List<String> PROJECTED = List.of("configMap", "secret", "downwardAPI", "projected");
    private static final List<String> SOURCES =
            List.of("emptyDir", "hostPath", "secret", "configMap", "downwardAPI", "projected", "image");

    private static final String HUGE_PAGES = "HugePages";

    private final Set<String> names = new HashSet<>();
    private final Set<String> emptyDirs = new HashSet<>();
    private final Map<FieldReader, Volume.Medium.HugePages> inHugePages = new LinkedHashMap<>();

    /** The names of all volumes parsed so far, including those with errors. */
    Set<String> names() {
        return names;
    }

    /** Whether the volume with a name is an emptyDir. */
    boolean isEmptyDir(String name) {
        return emptyDirs.contains(name);
    }

    List<Volume> parse(FieldReader spec) {
        if (!spec.has("volumes")) {
            return List.of();
        }
        List<Volume> volumes = new ArrayList<>();
        for (FieldReader volume : spec.mappings("volumes", PodFields.VOLUME)) {
            Volume parsed = parseVolume(volume);
            if (parsed != null) {
                volumes.add(parsed);
            }
        }
        return volumes;
    }

    private @Nullable Volume parseVolume(FieldReader volume) {
        String name = volume.requiredText("name", "data");
        if (name != null) {
            volume.note("name", Names.checkLabel(name));
            if (!names.add(name)) {
                volume.error("name", "another volume of this pod is already named \"" + name + "\"");
            }
        }
        checkOneSource(volume);
        if (volume.has("hostPath")) {
            FieldReader hostPath = volume.mapping("hostPath", PodFields.HOST_PATH);
            return hostPath == null ? null : hostPath(name, hostPath);
        }
        for (String projected : PROJECTED) {
            if (volume.has(projected)) {
                return ProjectedParser.parse(name, volume);
            }
        }
        if (volume.has("image")) {
            return image(name, volume.mapping("image", PodFields.IMAGE));
        }
        if (!volume.has("emptyDir") && hasOtherSource(volume)) {
            return null;
        }
        if (name != null) {
            emptyDirs.add(name);
        }
        return emptyDir(name, volume.mapping("emptyDir", PodFields.EMPTY_DIR));
    }

    private static void checkOneSource(FieldReader volume) {
        String first = null;
        for (String source : SOURCES) {
            if (volume.has(source)) {
                if (first != null) {
                    volume.error(source, "must not be set beside " + first + "; leave out one of them");
                }
                first = first == null ? source : first;
            }
        }
    }

    /**
     * Whether the volume has a source that is refused. The table accepts an empty one, which is an
     * error here.
     */
    private static boolean hasOtherSource(FieldReader volume) {
        boolean other = false;
        for (Node.Entry entry : volume.node().entries()) {
            boolean source = !entry.key().equals("name") && !entry.key().equals("emptyDir");
            if (source && !entry.value().isNull()) {
                other = true;
                if (entry.value().isEmpty() && PodFields.VOLUME.has(entry.key())) {
                    volume.error(entry.key(), "is empty; leave it out for an emptyDir");
                }
            }
        }
        return other;
    }

    private static @Nullable Volume hostPath(@Nullable String name, FieldReader hostPath) {
        String path = hostPath.requiredText("path", "/srv/data");
        if (path != null && !path.startsWith("/")) {
            hostPath.error("path", "must be absolute, such as /" + path);
        } else if (path != null && Names.goesUp(path)) {
            hostPath.error("path", "must not contain \"..\"; write the path it leads to");
        } else if (path != null && !Names.canBePath(path)) {
            hostPath.error("path", Names.NO_PATH);
        }
        Volume.HostPathType[] all = Volume.HostPathType.values();
        // UNSET is the first constant and not a value of the API.
        Volume.HostPathType type =
                hostPath.choice("type", Arrays.copyOfRange(all, 1, all.length), Volume.HostPathType.UNSET);
        return name == null || path == null ? null : new Volume.HostPath(name, path, type);
    }

    private static @Nullable Volume image(@Nullable String name, @Nullable FieldReader image) {
        if (image == null) {
            return null;
        }
        String reference = image.requiredText("reference", "registry.example/data:1.0");
        ImagePullPolicy policy = image.choice(
                "pullPolicy",
                ImagePullPolicy.values(),
                reference == null ? ImagePullPolicy.IfNotPresent : ContainerParser.defaultPullPolicy(reference));
        return name == null || reference == null ? null : new Volume.Image(name, reference, policy);
    }

    /** Checks, after all of the pod is parsed, that it requests the huge pages of its emptyDirs. */
    void checkHugePages(PodSpec pod) {
        inHugePages.forEach((emptyDir, medium) -> {
            try {
                PageSize.of(pod, medium);
            } catch (IllegalArgumentException e) {
                emptyDir.error("medium", String.valueOf(e.getMessage()));
            }
        });
    }

    private @Nullable Volume emptyDir(@Nullable String name, @Nullable FieldReader emptyDir) {
        Volume.Medium medium = Volume.Medium.DISK;
        Optional<Quantity> limit = Optional.empty();
        if (emptyDir != null) {
            medium = medium(emptyDir);
            Node sizeLimit = emptyDir.get("sizeLimit");
            if (sizeLimit != null) {
                limit = Optional.ofNullable(ResourcesParser.quantity(sizeLimit, emptyDir.path("sizeLimit"), emptyDir));
                String slip = limit.map(QuantitySlips::ofBytes).orElse(null);
                if (slip != null) {
                    emptyDir.warn("sizeLimit", slip);
                }
            }
        }
        return name == null ? null : new Volume.EmptyDir(name, medium, limit);
    }

    private Volume.Medium medium(FieldReader emptyDir) {
        String text = emptyDir.text("medium", "");
        switch (text) {
            case "" -> {
                return Volume.Medium.DISK;
            }
            case "Memory" -> {
                return Volume.Medium.MEMORY;
            }
            default -> {
                Optional<Volume.Medium.HugePages> huge = hugePages(text);
                if (huge.isPresent()) {
                    inHugePages.put(emptyDir, huge.get());
                    return huge.get();
                }
                emptyDir.error(
                        "medium",
                        "must be Memory, HugePages or HugePages-SIZE such as HugePages-2Mi, or be left out for the disk of"
                                + " the node, but is \"" + text + "\"" + likely(text));
                return Volume.Medium.DISK;
            }
        }
    }

    private static String likely(String text) {
        String close = Spelling.closest(text, List.of("Memory", HUGE_PAGES));
        return close == null ? "" : "; did you mean \"" + close + "\"?";
    }

    private static Optional<Volume.Medium.HugePages> hugePages(String text) {
        if (text.equals(HUGE_PAGES)) {
            return Optional.of(new Volume.Medium.HugePages(Optional.empty()));
        }
        if (!text.startsWith(HUGE_PAGES + "-")) {
            return Optional.empty();
        }
        try {
            Quantity size = Quantity.parse(text.substring(HUGE_PAGES.length() + 1));
            return Optional.of(new Volume.Medium.HugePages(Optional.of(size)));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }
}
