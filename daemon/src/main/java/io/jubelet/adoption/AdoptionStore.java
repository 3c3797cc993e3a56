/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.adoption;

import io.jubelet.document.Documents;
import io.jubelet.document.Findings;
import io.jubelet.document.JsonText;
import io.jubelet.document.Node;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

/** Stores the adopted pods in the root directory, durably, because the runtime cannot be told whose they are. */
final class AdoptionStore {

    private final Path file;

    AdoptionStore(Path file) {
        this.file = Objects.requireNonNull(file, "file");
    }

    /**
     * Loads what was stored last; nothing if nothing was.
     *
     * @throws IOException if the file cannot be read or is malformed
     */
    List<AdoptedPod> load() throws IOException {
        List<AdoptedPod> pods = new ArrayList<>();
        try {
            Findings findings = new Findings();
            Node root = Documents.readJson(Files.readString(file), findings);
            if (!(root instanceof Node.Sequence sequence)) {
                throw new IOException(file + " is malformed");
            }
            for (Node each : sequence.items()) {
                pods.add(AdoptedPod.read(each));
            }
        } catch (NoSuchFileException _) {
            return List.of();
        }
        return pods;
    }

    /** Replaces what is stored; without pods, the file goes away. */
    void store(Collection<AdoptedPod> pods) throws IOException {
        if (pods.isEmpty()) {
            Files.deleteIfExists(file);
            return;
        }
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(fresh, JsonText.write(out -> {
            out.writeStartArray();
            for (AdoptedPod pod : pods) {
                pod.write(out);
            }
            out.writeEndArray();
        }));
        try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel directory = FileChannel.open(Objects.requireNonNull(file.getParent()))) {
            directory.force(true);
        }
    }
}
