package io.jubelet.credentials;

import io.jubelet.credentials.DockerConfig.Form;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Docker's files of credentials, in the places where the kubelet looks for them. The first that can be read and is valid is
 * the one that counts. They are read for each pull, so that a change needs no word to the daemon, and nothing of them stays in
 * memory. Any thread.
 */
public final class DockerConfigFiles {

    private static final Logger LOG = LoggerFactory.getLogger(DockerConfigFiles.class);

    /** A file larger than this is not one of credentials. */
    private static final int MAX_BYTES = 1 << 20;

    /** No files at all. */
    public static final DockerConfigFiles NONE = new DockerConfigFiles(List.of());

    /** Where it would be. */
    private record Location(Path file, Form form) {}

    private final List<Location> locations;

    private DockerConfigFiles(List<Location> locations) {
        this.locations = List.copyOf(locations);
    }

    /**
     * In the places of the kubelet, and where its own files would be, for whom this daemon replaces it.
     *
     * @param rootDirs root directories, that of this daemon first
     * @param workingDir of the daemon
     * @param home of its user
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

    /** What the file that counts says at this moment. */
    Keyring read() {
        for (Location location : locations) {
            if (!Files.isRegularFile(location.file())) {
                continue;
            }
            try (InputStream in = Files.newInputStream(location.file())) {
                return DockerConfig.parse(
                        in.readNBytes(MAX_BYTES),
                        location.form(),
                        location.file().toString());
            } catch (IOException e) {
                LOG.warn("credentials in {} cannot be read: {}", location.file(), e.toString());
            } catch (DockerConfig.BadConfigException e) {
                LOG.warn("credentials in {} are of no use: it {}", location.file(), e.getMessage());
            }
        }
        return Keyring.EMPTY;
    }
}
