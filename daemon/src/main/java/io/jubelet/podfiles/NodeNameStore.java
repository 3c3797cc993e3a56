/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.podfiles;

import io.jubelet.cri.CriException;
import io.jubelet.pod.NodeNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the names of the node in the file {@value #FILE} of the root directory, so that pods made
 * under an earlier name are found under a later one. Used by one thread.
 */
public final class NodeNameStore {

    /** One name a line, the latest first. */
    static final String FILE = "node-names";

    private static final Logger LOG = LoggerFactory.getLogger(NodeNameStore.class);

    private final Path rootDir;
    private final String manifests;
    private final Path file;

    /**
     * @param rootDir the daemon's own directory
     * @param manifests the manifest directory, or one manifest
     */
    public NodeNameStore(Path rootDir, Path manifests) {
        this.rootDir = Objects.requireNonNull(rootDir, "rootDir");
        this.manifests = manifests.toString();
        this.file = rootDir.resolve(FILE);
    }

    /**
     * Reads the former names of the node and stores the current one. Logs a change.
     *
     * @param onRuntime the names under which the runtime shows versions that were made here, given
     *     whether one with a UID was; used if there are such versions and no file, as after an upgrade
     */
    public NodeNames load(String current, Function<Predicate<String>, ? extends Collection<String>> onRuntime)
            throws IOException {
        Predicate<String> made = uid -> PodDirectories.existsIn(rootDir, uid);
        List<String> stored = read();
        Optional<String> before = stored.stream().findFirst();
        if (stored.isEmpty() && PodDirectories.anyIn(rootDir)) {
            try {
                stored = List.copyOf(onRuntime.apply(made));
            } catch (CriException e) {
                LOG.warn(
                        "cannot list earlier names of this node, because the runtime does not answer: {}",
                        e.getMessage());
                return NodeNames.of(current);
            }
            before = stored.contains(current)
                    ? Optional.empty()
                    : stored.stream().findFirst();
        }
        NodeNames names = new NodeNames(current, stored, made, this::isManifest);
        before.filter(name -> !name.equals(current))
                .ifPresent(name -> LOG.warn(
                        "the name of this node changed from {} to {}: pods run on, and have the former name on the runtime until"
                                + " their manifests change",
                        name,
                        current));
        if (!names.all().equals(stored)) {
            store(current, names.former());
        }
        return names;
    }

    private boolean isManifest(String path) {
        return path.equals(manifests) || path.startsWith(manifests + "/");
    }

    /** Stores names. A failure is logged, because pods run without the file. */
    public void store(String current, Collection<String> former) {
        List<String> names = new ArrayList<>(former);
        names.addFirst(current);
        try {
            Files.createDirectories(rootDir);
            Path fresh = file.resolveSibling(FILE + ".tmp");
            Files.write(fresh, names);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            LOG.warn("cannot store the name of the node, so pods would restart if it changed: {}", e.toString());
        }
    }

    private List<String> read() throws IOException {
        try {
            return Files.readAllLines(file).stream()
                    .map(String::strip)
                    .filter(name -> !name.isEmpty())
                    .toList();
        } catch (NoSuchFileException _) {
            return List.of();
        }
    }
}
