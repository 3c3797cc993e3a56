/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import io.jubelet.document.Documents;
import io.jubelet.document.FileProblem;
import io.jubelet.document.Finding;
import io.jubelet.manifest.ImmutableCheck;
import io.jubelet.manifest.ManifestFile;
import io.jubelet.manifest.ObjectKey;
import io.jubelet.node.OpenWriters;
import io.jubelet.node.UnfinishedWork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One path of the manifest directory: waits until a file is completely written, reads it, and keeps
 * its last good content. Confined to the thread of {@link ManifestDirectory}.
 */
class ManifestEntry {

    /**
     * A new file may be empty at first, and a file that is gone may come back, because editors do
     * both.
     */
    static final Duration SETTLE = Duration.ofMillis(50);

    /**
     * How long a file may be missing while a backup of it exists: the same inode under an ignored
     * name.
     */
    static final Duration GRACE_WITH_BACKUP = Duration.ofSeconds(1);

    /** How long a file must stay unchanged where the kernel cannot report its writers. */
    static final Duration UNCHANGED = Duration.ofMillis(100);

    /**
     * How old a stamp must be before it shows that the content has not changed since. The stamps of
     * vfat have ticks of two seconds, those of ext4 with small inodes and of NFSv3 of one second, and
     * two writes of equal size within a tick leave equal stamps. Measured from the first reading on the
     * monotonic clock, because the clock of a file system need not be that of this machine.
     */
    static final Duration STAMP_TICK = Duration.ofMillis(2100);

    /** How often to look whether a file may be read again that had ended the daemon. */
    private static final Duration REFUSAL_CHECK = Duration.ofSeconds(10);

    /** For how long a writer is expected to finish at any moment. */
    private static final long SHORT_WRITE_MILLIS = 1000;

    private final Path path;
    private final ManifestSource source;
    private final OpenWriters writers;
    private final ManifestBudget budget;

    private List<ManifestFile.Document> lastGood = List.of();
    private Manifest.@Nullable State state;
    private List<Finding> problems = List.of();

    private Manifest.State contentState = Manifest.State.REFUSED;
    private List<Finding> contentProblems = List.of();
    private Set<ObjectKey> held = Set.of();

    private DirectoryEntry.@Nullable Stamp read;
    private @Nullable Instant readSince;
    private long checksum = -1;
    private DirectoryEntry.@Nullable Stamp pending;
    private @Nullable Instant pendingSince;
    private @Nullable Instant nextScanAt;
    private @Nullable Instant goneSince;
    private boolean unknown;
    /** What {@link #lastGood} takes of the budget. */
    private long bytes;
    /** Whether the content was refused because the budget had no room for it. */
    private boolean waitsForRoom;

    /** @param budget what the content of this and all other files takes */
    ManifestEntry(Path path, ManifestSource source, OpenWriters writers, ManifestBudget budget) {
        this.path = path;
        this.source = source;
        this.writers = writers;
        this.budget = budget;
    }

    /** Restores the content that was good before the daemon started. */
    void restore(List<ManifestFile.Document> documents) {
        lastGood = List.copyOf(documents);
        bytes = ManifestBudget.bytes(lastGood);
        budget.restore(0, bytes);
    }

    /** Gives back what this entry takes of the budget, because the file is gone. */
    void release() {
        budget.restore(bytes, 0);
        problems = budget.problems(problems, List.of());
    }

    /** Has the file read again if there was no room for it. */
    void retryIfRefusedForRoom(Instant now) {
        if (waitsForRoom) {
            waitsForRoom = false;
            checksum = -1;
            nextScanAt = now;
        }
    }

    Path path() {
        return path;
    }

    /** The documents that are desired: the content of the file, or its last good content. */
    List<ManifestFile.Document> lastGood() {
        return lastGood;
    }

    /** Null before the file was completely written for the first time. */
    Manifest.@Nullable State state() {
        return state;
    }

    List<Finding> problems() {
        return problems;
    }

    /** The objects that are not as the file has them, because of errors in the file. */
    Set<ObjectKey> held() {
        return held;
    }

    /** When the next scan is due even without an event; null if none is needed. */
    @Nullable
    Instant nextScanAt() {
        return nextScanAt;
    }

    boolean isGone() {
        return goneSince != null;
    }

    /** Whether this entry last read the file of {@code stamp}. */
    boolean lastReadFrom(DirectoryEntry.Stamp stamp) {
        return read != null && read.sameFile(stamp);
    }

    /**
     * Records that the path is not in the directory.
     *
     * @return whether it has been missing long enough to be removed
     */
    boolean markAbsent(Instant now, boolean backup) {
        unknown = false;
        if (goneSince == null) {
            goneSince = now;
        }
        Instant until = goneSince.plus(backup ? GRACE_WITH_BACKUP : SETTLE);
        nextScanAt = until;
        return lastGood.isEmpty() || !now.isBefore(until);
    }

    /** Records that the directory cannot show now whether it contains the path. */
    void markUnknown() {
        goneSince = null;
        unknown = true;
        clearPending();
    }

    /** When the content was last changed, as its file says; empty before it was read. */
    Optional<FileTime> modified() {
        return Optional.ofNullable(read).map(stamp -> (FileTime) stamp.modified());
    }

    /**
     * Records that the path is in the directory.
     *
     * @return content that has to be parsed and {@linkplain UnparsedContent#take taken} before the scan ends; null if there
     *     is none
     */
    @Nullable
    UnparsedContent markPresent(DirectoryEntry found, Instant now) {
        if (goneSince != null || unknown) {
            goneSince = null;
            unknown = false;
            clearPending();
            nextScanAt = now;
        }
        if (found.ignoredReason().isPresent()) {
            clearPending();
            read = null;
            refuse(found.ignoredReason().get(), found.refused());
            return null;
        }
        boolean seen = found.manifestStamp().equals(pending == null ? read : pending);
        if (seen && (nextScanAt == null || now.isBefore(nextScanAt))) {
            return null;
        }
        boolean complete = switch (writers.query(path)) {
            case SOME -> {
                beingWritten(found.manifestStamp(), now);
                yield false;
            }
            case NONE -> found.manifestStamp().size() > 0 || unchangedFor(SETTLE, found.manifestStamp(), now);
            case UNKNOWN -> unchangedFor(UNCHANGED, found.manifestStamp(), now);
        };
        return complete ? read(found, now) : null;
    }

    private boolean unchangedFor(Duration time, DirectoryEntry.Stamp stamp, Instant now) {
        if (read != null && read.equals(stamp)) {
            return true;
        }
        Instant since = stamp.equals(pending) && pendingSince != null ? pendingSince : now;
        pending = stamp;
        pendingSince = since;
        Instant until = since.plus(time);
        nextScanAt = until;
        return !now.isBefore(until);
    }

    private void beingWritten(DirectoryEntry.Stamp stamp, Instant now) {
        Instant since = pending != null && pendingSince != null ? pendingSince : now;
        pending = stamp;
        pendingSince = since;
        long waited = Duration.between(since, now).toMillis();
        long wait = waited < SHORT_WRITE_MILLIS ? Math.clamp(waited, 2, 50) : 250;
        nextScanAt = now.plusMillis(wait);
        if (!now.isBefore(since.plus(SETTLE))) {
            show(
                    Manifest.State.BEING_WRITTEN,
                    List.of(Finding.ofFile("a process has it open for writing" + keepsRunning())));
        }
    }

    private @Nullable UnparsedContent read(DirectoryEntry found, Instant now) {
        Optional<String> refusal = found.manifestStamp().size() < UnfinishedWork.LARGE
                ? Optional.empty()
                : budget.unfinished()
                        .refusal(path.toString(), found.manifestStamp().version());
        if (refusal.isPresent()) {
            clearPending();
            nextScanAt = now.plus(REFUSAL_CHECK);
            read = found.manifestStamp();
            checksum = -1;
            show(Manifest.State.REFUSED, List.of(Finding.ofFile(refusal.get() + keepsRunning())));
            return null;
        }
        byte[] content;
        try (var in = Files.newInputStream(path)) {
            // A file that grows meanwhile is seen as being written below. Some file systems know no size.
            long size = found.manifestStamp().size();
            content = in.readNBytes(size == 0 ? Documents.MAX_SIZE + 1 : (int) size + 1);
        } catch (IOException e) {
            clearPending();
            nextScanAt = now.plusSeconds(1);
            read = found.manifestStamp();
            checksum = -1;
            refuse("cannot be read: " + FileProblem.reason(e), true);
            return null;
        }
        DirectoryEntry after = stat();
        boolean written = after == null
                || !found.manifestStamp().equals(after.stamp())
                || writers.query(path) == OpenWriters.Answer.SOME;
        if (written) {
            beingWritten(found.manifestStamp(), now);
            return null;
        }
        // A second write within one clock tick may leave all times as they are, so the file is read
        // again: soon, because most writers are quick, and when the tick is over.
        boolean sameStamp = found.manifestStamp().equals(read) && checksum >= 0;
        long sum = checksum(content);
        boolean confirms = sameStamp && sum == checksum;
        Instant since = confirms && readSince != null ? readSince : now;
        clearPending();
        read = found.manifestStamp();
        readSince = since;
        nextScanAt = nextReading(since, now);
        if (confirms) {
            show(contentState, contentProblems);
            return null;
        }
        checksum = sum;
        return new UnparsedContent(
                this,
                content,
                new ManifestFile.Source(
                        path.toString(), source.nodes(), source.localConfig(), Optional.of(found.manifestAccess())),
                found.manifestStamp().version());
    }

    /** Begins to handle large content. */
    UnfinishedWork.Handling beginHandling(UnparsedContent content) {
        return budget.unfinished().begin(path.toString(), content.version());
    }

    /** Tests override this to give stamps as a file system with coarse clock ticks does. */
    @Nullable
    DirectoryEntry stat() {
        return DirectoryEntry.statNamed(path);
    }

    /** Null when the stamp is older than a tick. */
    private static @Nullable Instant nextReading(Instant since, Instant now) {
        Instant soon = since.plus(SETTLE);
        if (now.isBefore(soon)) {
            return soon;
        }
        Instant settled = since.plus(STAMP_TICK);
        return now.isBefore(settled) ? settled : null;
    }

    private static long checksum(byte[] content) {
        CRC32C crc = new CRC32C();
        crc.update(content);
        return crc.getValue() << 24 | content.length;
    }

    /** Takes what the content of the file says. */
    void take(ManifestFile file) {
        merge(file);
        show(contentState, contentProblems);
    }

    private void merge(ManifestFile file) {
        Map<ObjectKey, Finding> changed = ImmutableCheck.changed(lastGood, file.documents());
        if (file.accepted() && changed.isEmpty()) {
            if (!replace(file.documents())) {
                return;
            }
            held = Set.of();
            contentState = Manifest.State.ACCEPTED;
            contentProblems = file.warnings();
            return;
        }
        DocumentMerge merge = DocumentMerge.of(lastGood, file, changed.keySet());
        if (!replace(merge.documents())) {
            return;
        }
        held = merge.held();
        contentState = merge.taken() ? Manifest.State.PARTLY_REFUSED : Manifest.State.REFUSED;
        List<Finding> all = new ArrayList<>(file.errors());
        all.addAll(changed.values());
        all.addAll(merge.findings());
        all.addAll(file.warnings());
        contentProblems = all;
    }

    /** Replaces the content, if the budget has room for that. */
    private boolean replace(List<ManifestFile.Document> documents) {
        long needed = ManifestBudget.bytes(documents);
        Optional<String> noRoom = budget.replace(bytes, needed);
        if (noRoom.isPresent()) {
            Set<ObjectKey> all = new HashSet<>();
            lastGood.forEach(document -> all.add(document.key()));
            held = all;
            contentState = Manifest.State.REFUSED;
            contentProblems = List.of(Finding.ofFile(noRoom.get()));
            waitsForRoom = true;
            return false;
        }
        lastGood = documents;
        bytes = needed;
        waitsForRoom = false;
        return true;
    }

    /** @param itself whether it is a manifest that cannot be used, and not something else */
    private void refuse(String why, boolean itself) {
        show(
                lastGood.isEmpty() && !itself ? Manifest.State.IGNORED : Manifest.State.REFUSED,
                List.of(Finding.ofFile(why + keepsRunning())));
    }

    private String keepsRunning() {
        return lastGood.isEmpty() ? "" : "; its last good content keeps running";
    }

    private void clearPending() {
        pending = null;
        pendingSince = null;
        nextScanAt = null;
    }

    private void show(Manifest.State newState, List<Finding> newProblems) {
        state = newState;
        problems = budget.problems(problems, newProblems);
    }
}
