package io.jubelet.kubeapi;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLContext;

/** The identity of a kubeconfig, read anew when the kubeconfig or a file that it names changes. */
public final class KubeconfigIdentity implements Identity {

    /** So often files are looked at; and a token file is read, which may be a link that changes elsewhere. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final Path file;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by the lock, as are the others. */
    private Access known;

    private Instant looked = Instant.MIN;
    private Map<Path, String> seen = Map.of();

    /**
     * @param file the kubeconfig, which need not exist yet
     */
    public KubeconfigIdentity(Path file, InstantSource clock) {
        this.file = Objects.requireNonNull(file, "file");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    @Override
    public Access access() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            Instant now = clock.instant();
            if (known != null && now.isBefore(looked.plus(LOOK))) {
                return known;
            }
            looked = now;
            if (known == null || !seen.equals(stamps(seen.keySet()))) {
                known = null;
                known = read();
            }
            return known;
        } catch (NoSuchFileException e) {
            throw new KubeApiException.NoCredentials("there is no file " + e.getFile(), e);
        } catch (IOException | GeneralSecurityException e) {
            throw new KubeApiException.NoCredentials("the credentials of " + file + " cannot be read: " + e, e);
        } catch (IllegalArgumentException e) {
            throw new KubeApiException.NoCredentials(e.getMessage(), e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void refused(Access shown) {
        lock.lock();
        try {
            if (shown.equals(known)) {
                known = null;
            }
        } finally {
            lock.unlock();
        }
    }

    private Access read() throws IOException, GeneralSecurityException {
        Kubeconfig config = KubeconfigParser.parse(file, Files.readAllBytes(file));
        List<Path> files = new ArrayList<>(List.of(file));
        Optional<String> authority = pem(config.authority(), files);
        Optional<String> certificate = pem(config.user().certificate(), files);
        Optional<String> key = pem(config.user().key(), files);
        Optional<String> token = config.user().token();
        if (config.user().tokenFile().isPresent()) {
            files.add(config.user().tokenFile().get());
            token = Optional.of(
                    Files.readString(config.user().tokenFile().get()).strip());
        }
        SSLContext tls = Tls.context(authority, config.insecure(), config.serverName(), certificate, key);
        seen = stamps(files);
        return new Access(config.server(), tls, token, config.proxy());
    }

    private static Optional<String> pem(Optional<Kubeconfig.Content> content, List<Path> files) throws IOException {
        if (content.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                switch (content.get()) {
                    case Kubeconfig.Content.Inline inline -> inline.pem();
                    case Kubeconfig.Content.InFile inFile -> {
                        files.add(inFile.path());
                        yield Files.readString(inFile.path(), StandardCharsets.US_ASCII);
                    }
                });
    }

    /** What tells one content of a file from the next without reading it. */
    private static Map<Path, String> stamps(Iterable<Path> files) throws IOException {
        Map<Path, String> stamps = new HashMap<>();
        for (Path path : files) {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            stamps.put(path, attributes.fileKey() + " " + attributes.lastModifiedTime() + " " + attributes.size());
        }
        return stamps;
    }
}
