/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.credentials;

import io.jubelet.credentials.DockerConfig.Form;
import io.jubelet.document.FileProblem;
import io.jubelet.document.SmallFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Docker's credential files in the locations that the kubelet searches. The first valid file
 * counts. Files are read for each pull, so that changes take effect without a notification and
 * credentials do not stay in memory. Safe for use by many threads.
 */
public final class DockerConfigFiles {

    private static final Logger LOG = LoggerFactory.getLogger(DockerConfigFiles.class);

    /** The largest file, in bytes; larger files are not credential files. */
    private static final int MAX_BYTES = 1 << 20;

    /** No files. */
    public static final DockerConfigFiles NONE = new DockerConfigFiles(List.of());

    /** A file that may exist. */
    private record Location(Path file, Form form) {}

    private final List<Location> locations;

    private DockerConfigFiles(List<Location> locations) {
        this.locations = List.copyOf(locations);
    }

    /**
     * Returns the locations that the kubelet searches, below several root directories.
     *
     * @param rootDirs root directories: that of this daemon, then that of a kubelet that it
     *     replaces
     * @param workingDir the working directory of the daemon
     * @param home the home directory of its user
     */
    public static DockerConfigFiles in(List<Path> rootDirs, Path workingDir, Path home) {
        List<Path> first = new ArrayList<>(rootDirs);
        first.add(workingDir);
        List<Location> locations = new ArrayList<>();
        for (Path directory : first) {
            locations.add(new Location(directory.resolve("config.json"), Form.CONFIG_JSON));
        }
        locations.add(new Location(home.resolve(".docker/config.json"), Form.CONFIG_JSON));
        locations.add(new Location(Path.of("/.docker/config.json"), Form.CONFIG_JSON));
        for (Path directory : first) {
            locations.add(new Location(directory.resolve(".dockercfg"), Form.DOCKERCFG));
        }
        locations.add(new Location(home.resolve(".dockercfg"), Form.DOCKERCFG));
        locations.add(new Location(Path.of("/.dockercfg"), Form.DOCKERCFG));
        return new DockerConfigFiles(locations);
    }

    /** Reads the first valid file; blocks. */
    Keyring read() {
        for (Location location : locations) {
            if (!Files.isRegularFile(location.file())) {
                continue;
            }
            try {
                return DockerConfig.parse(
                        SmallFile.read(location.file(), MAX_BYTES),
                        location.form(),
                        location.file().toString());
            } catch (IOException e) {
                LOG.warn("cannot read the credentials in {}: {}", location.file(), FileProblem.of(e));
            } catch (DockerConfig.BadConfigException e) {
                LOG.warn("cannot use the credentials in {}: the file {}", location.file(), e.getMessage());
            }
        }
        return Keyring.EMPTY;
    }
}
