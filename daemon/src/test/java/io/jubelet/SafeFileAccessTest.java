/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Packages that work with files which containers can replace open them through {@code SafeDirectory},
 * {@code SafePath} and {@code TreeRemoval}, and not by paths, which the JDK follows through symbolic
 * links and into pipes.
 */
class SafeFileAccessTest {

    /** What opens, changes or examines a file by its path. */
    private static final Pattern BY_PATH =
            Pattern.compile("\\b(?:Files|FileChannel|SecureDirectories)\\.(?!isPlainName|entries)[a-z]\\w*\\("
                    + "|\\b(?:RandomAccessFile|FileInputStream|FileOutputStream|FileReader|FileWriter|Scanner)\\("
                    + "|\\.(?:toFile|toRealPath)\\(");

    /** The packages that work with the directories of pods and with logs. */
    private static final List<String> PACKAGES =
            List.of("adoption", "confinement", "logs", "observed", "podfiles", "reconcile", "runtime", "volume");

    /** The classes in them that may use paths, and why. */
    private static final Map<String, String> EXCEPTIONS = Map.ofEntries(
            Map.entry("adoption/AdoptionStore", "the daemon's root directory, which no container has"),
            Map.entry("adoption/KubeletFiles", "renames and examines entries of the trusted directory of logs itself"),
            Map.entry("confinement/Confinement", "profiles of the administrator"),
            Map.entry("confinement/SubordinateIds", "/etc/subuid and /etc/subgid"),
            Map.entry("podfiles/ContainerFiles", "/etc/hosts of the node"),
            Map.entry("podfiles/EvictionStore", "the daemon's root directory, which no container has"),
            Map.entry(
                    "podfiles/LogDirectory", "opens the trusted directory of logs; what is in it through descriptors"),
            Map.entry("podfiles/NodeNameStore", "the daemon's root directory, which no container has"),
            Map.entry("podfiles/PodDirectories", "the trusted directories of pods and logs themselves"),
            Map.entry("runtime/StopSignals", "/proc"),
            Map.entry("volume/HostPathVolume", "the author of a manifest may name any path"));

    @Test
    void filesOfContainersAreNotOpenedByPath() {
        assertEquals(new TreeSet<>(EXCEPTIONS.keySet()), byPath().keySet());
    }

    private static Map<String, String> byPath() {
        Map<String, String> found = new TreeMap<>();
        Path root = Path.of("src/main/java/io/jubelet");
        for (String name : PACKAGES) {
            try (Stream<Path> files = Files.list(root.resolve(name))) {
                for (Path file : files.toList()) {
                    var call = BY_PATH.matcher(Files.readString(file));
                    if (call.find()) {
                        found.put(root.relativize(file).toString().replace(".java", ""), call.group());
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return found;
    }
}
