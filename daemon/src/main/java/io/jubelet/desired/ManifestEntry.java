package io.jubelet.desired;

import io.jubelet.document.FileProblem;
import io.jubelet.document.Finding;
import io.jubelet.manifest.FileAccess;
import io.jubelet.manifest.ImmutableCheck;
import io.jubelet.manifest.ManifestFile;
import io.jubelet.node.OpenWriters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One path of the manifest directory through its changes: waits until a file is whole, reads it, and keeps its last good
 * content. Confined to the thread of {@link ManifestDirectory}.
 */
final class ManifestEntry {

    /** A file that was just made may be filled next; a file that vanished may come back: editors do both. */
    static final Duration SETTLE = Duration.ofMillis(50);

    /** How long a file may be away while a backup of it, the same inode under an ignored name, is there. */
    static final Duration SETTLE_WITH_BACKUP = Duration.ofSeconds(1);

    /** How long a file must not change where the kernel cannot tell us of writers. */
    static final Duration UNCHANGED = Duration.ofMillis(100);

    private static final Logger LOG = LoggerFactory.getLogger(ManifestDirectory.class);

    /** So long a writer is expected to be done any moment. */
    private static final long QUICK_MILLIS = 1000;

    private final Path path;
    private final String node;
    private final boolean localConfig;
    private final OpenWriters writers;

    private List<ManifestFile.Document> good = List.of();
    private Manifest.State state;
    private List<Finding> problems = List.of();

    private Manifest.State contentState;
    private List<Finding> contentProblems = List.of();

    private DirectoryEntry.Stamp read;
    private long checksum = -1;
    private DirectoryEntry.Stamp pending;
    private Instant pendingSince;
    private Instant due;
    private Instant goneSince;

    /** @param localConfig whether ConfigMaps and Secrets are read, and pods may refer to them */
    ManifestEntry(Path path, String node, boolean localConfig, OpenWriters writers) {
        this.path = path;
        this.node = node;
        this.localConfig = localConfig;
        this.writers = writers;
    }

    /** Takes over what was good before the daemon started. */
    void restore(List<ManifestFile.Document> documents) {
        good = List.copyOf(documents);
    }

    Path path() {
        return path;
    }

    /** What this path wants to run: its content, or its last good content. */
    List<ManifestFile.Document> good() {
        return good;
    }

    /** Null before this entry was seen whole for the first time. */
    Manifest.State state() {
        return state;
    }

    List<Finding> problems() {
        return problems;
    }

    /** When to look again even without an event; null for no need. */
    Instant due() {
        return due;
    }

    boolean isGone() {
        return goneSince != null;
    }

    /** Whether {@code stamp} is the file that this entry last read. */
    boolean lastReadFrom(DirectoryEntry.Stamp stamp) {
        return read != null && read.sameFile(stamp);
    }

    /** The path is not in the directory. Returns whether it has been away for long enough to be gone for good. */
    boolean vanish(Instant now, boolean backup) {
        if (goneSince == null) {
            goneSince = now;
        }
        Instant until = goneSince.plus(backup ? SETTLE_WITH_BACKUP : SETTLE);
        due = until;
        return good.isEmpty() || !now.isBefore(until);
    }

    /** The path is there. */
    void observe(DirectoryEntry found, Instant now) {
        if (goneSince != null) {
            goneSince = null;
            settled();
            due = now;
        }
        if (!found.notManifest().isEmpty()) {
            settled();
            read = null;
            refuse(found.notManifest());
            return;
        }
        boolean seen = found.stamp().equals(pending == null ? read : pending);
        if (seen && (due == null || now.isBefore(due))) {
            return;
        }
        check(found, now);
    }

    private void check(DirectoryEntry found, Instant now) {
        switch (writers.ask(path)) {
            case SOME -> beingWritten(found.stamp(), now);
            case NONE -> {
                if (found.stamp().size() > 0 || unchangedFor(SETTLE, found.stamp(), now)) {
                    read(found, now);
                }
            }
            case UNKNOWN -> {
                if (unchangedFor(UNCHANGED, found.stamp(), now)) {
                    read(found, now);
                }
            }
        }
    }

    private boolean unchangedFor(Duration time, DirectoryEntry.Stamp stamp, Instant now) {
        if (read != null && read.equals(stamp)) {
            return true;
        }
        if (!stamp.equals(pending)) {
            pending = stamp;
            pendingSince = now;
        }
        due = pendingSince.plus(time);
        return !now.isBefore(due);
    }

    private void beingWritten(DirectoryEntry.Stamp stamp, Instant now) {
        if (pending == null) {
            pendingSince = now;
        }
        pending = stamp;
        long waited = Duration.between(pendingSince, now).toMillis();
        long wait = waited < QUICK_MILLIS ? Math.clamp(waited, 2, 50) : 250;
        due = now.plusMillis(wait);
        if (!now.isBefore(pendingSince.plus(SETTLE))) {
            show(Manifest.State.BEING_WRITTEN, List.of(Finding.ofFile("somebody has it open for writing" + kept())));
        }
    }

    private void read(DirectoryEntry found, Instant now) {
        byte[] content;
        try (var in = Files.newInputStream(path)) {
            content = in.readNBytes(ManifestFile.MAX_SIZE + 1);
        } catch (IOException e) {
            settled();
            due = now.plusSeconds(1);
            read = found.stamp();
            checksum = -1;
            refuse("cannot be read: " + FileProblem.reason(e));
            return;
        }
        DirectoryEntry after = DirectoryEntry.look(path, true);
        boolean written =
                after == null || !found.stamp().equals(after.stamp()) || writers.ask(path) == OpenWriters.Answer.SOME;
        if (written) {
            beingWritten(found.stamp(), now);
            return;
        }
        // A clock tick is longer than a quick second write, which may leave all times as they are: look once more.
        boolean confirms = found.stamp().equals(read) && checksum >= 0;
        settled();
        read = found.stamp();
        due = confirms ? null : now.plus(SETTLE);
        long sum = checksum(content);
        if (!confirms || sum != checksum) {
            checksum = sum;
            take(parse(content, found.access()));
        }
        show(contentState, contentProblems);
    }

    /** One file that we stumble over must not keep the others from being read. */
    private ManifestFile parse(byte[] content, FileAccess access) {
        try {
            return ManifestFile.parse(
                    content, new ManifestFile.Source(path.toString(), node, localConfig, Optional.of(access)));
        } catch (RuntimeException | StackOverflowError e) {
            LOG.error("reading {} failed", path, e);
            Finding problem = Finding.ofFile("cannot be read because of an error in Jubelet: " + e);
            return new ManifestFile(List.of(), List.of(problem), List.of());
        }
    }

    private static long checksum(byte[] content) {
        CRC32C crc = new CRC32C();
        crc.update(content);
        return crc.getValue() << 24 | content.length;
    }

    private void take(ManifestFile file) {
        List<Finding> changed = ImmutableCheck.changed(good, file.documents());
        if (file.accepted() && changed.isEmpty()) {
            good = file.documents();
            contentState = Manifest.State.ACCEPTED;
            contentProblems = file.warnings();
            return;
        }
        List<Finding> all = new ArrayList<>(file.errors());
        all.addAll(changed);
        all.addAll(file.warnings());
        contentState = Manifest.State.REFUSED;
        contentProblems = all;
    }

    private void refuse(String why) {
        show(good.isEmpty() ? Manifest.State.IGNORED : Manifest.State.REFUSED, List.of(Finding.ofFile(why + kept())));
    }

    private String kept() {
        return good.isEmpty() ? "" : "; its last good content keeps running";
    }

    private void settled() {
        pending = null;
        pendingSince = null;
        due = null;
    }

    private void show(Manifest.State newState, List<Finding> newProblems) {
        state = newState;
        problems = List.copyOf(newProblems);
    }
}
