/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import io.jubelet.testing.FaultyFileSystem;
import io.jubelet.testing.FileFaults;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The disk of a {@link Schedule}, which fails as the seed decides. */
final class ScheduleFiles implements FileFaults {

    /** What is wrong with the disk. */
    enum Trouble {
        NONE,
        FULL,
        READ_ONLY,
        /** Some calls fail. */
        ERRORS,
        /** Every call fails that needs more than attributes, as on a network file system whose server was replaced. */
        STALE,
        /** Some calls take minutes. */
        HANGS
    }

    private final ScheduleWorld world;
    private final Random random;
    private final Path pods;
    private final Path away;
    private Trouble trouble = Trouble.NONE;
    private boolean wasAway;

    ScheduleFiles(ScheduleWorld world, long seed) {
        this.world = world;
        this.random = new Random(seed);
        this.pods = world.directory.resolve("root/pods");
        this.away = world.directory.resolve("root/pods.away");
    }

    /** A path on this disk. */
    Path onDisk(String name) {
        return FaultyFileSystem.wrap(world.directory.resolve(name), this);
    }

    /** Lets something go wrong, or ends it. */
    void change() {
        if (random.nextInt(6) == 0) {
            moveAway();
            return;
        }
        Trouble[] all = Trouble.values();
        trouble = trouble == Trouble.NONE ? all[random.nextInt(all.length)] : Trouble.NONE;
        world.note("the disk: " + trouble);
    }

    /** Ends all trouble. */
    void heal() {
        trouble = Trouble.NONE;
        moveBack();
    }

    /** Whether a daemon that was here before can start. */
    boolean permitsStart() {
        boolean there = Files.exists(pods) && Files.exists(world.directory.resolve("logs"));
        return there && (trouble == Trouble.NONE || trouble == Trouble.FULL || trouble == Trouble.READ_ONLY);
    }

    /** Another program renames the directory of all pods. */
    private void moveAway() {
        try {
            if (Files.exists(away)) {
                moveBack();
            } else if (Files.exists(pods)) {
                world.note("the directory of pods is renamed");
                wasAway = true;
                Files.move(pods, away);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether versions may have been made twice, because the directory with what shows that they exist was away. */
    boolean wasAway() {
        return wasAway;
    }

    /** Gives what {@link #moveAway} renamed its name again. */
    void moveBack() {
        try {
            if (!Files.exists(away)) {
                return;
            }
            world.note("the directory of pods is back");
            Files.createDirectories(pods);
            try (Stream<Path> all = Files.list(away)) {
                for (Path each : all.toList()) {
                    Path place = pods.resolve(each.getFileName());
                    if (Files.notExists(place)) { // else made by a daemon that started meanwhile
                        Files.move(each, place);
                    }
                }
            }
            delete(away);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path tree) throws IOException {
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException problem) throws IOException {
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** Whether a version has the directories and the manifest that it needs before its sandbox. */
    boolean prepared(String uid) {
        return Stream.of(pods, away)
                .anyMatch(root -> Files.exists(root.resolve(uid).resolve("manifest.json")));
    }

    /** Whether a daemon can read what version this is. */
    boolean readable(String uid) {
        return trouble != Trouble.ERRORS
                && trouble != Trouble.STALE
                && Files.exists(pods.resolve(uid).resolve("manifest.json"));
    }

    /** The UIDs of versions that have a directory. */
    Set<String> uids() {
        try (Stream<Path> all = Files.list(pods)) {
            return all.map(path -> path.getFileName().toString())
                    .collect(java.util.stream.Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // --- faults

    @Override
    public void before(Kind kind, Path path) throws IOException {
        DeterministicScheduler.Actor actor = world.scheduler.current();
        boolean changes = kind == Kind.CREATE || kind == Kind.CHANGE;
        if (actor != null && changes && random.nextInt(16) == 0) {
            world.scheduler.pass("a file call"); // where the daemon may be killed
        }
        switch (trouble) {
            case NONE -> {}
            case FULL -> fail(kind == Kind.CREATE, path, "No space left on device");
            case READ_ONLY -> fail(changes, path, "Read-only file system");
            case ERRORS -> fail(kind != Kind.LOOK && random.nextInt(4) == 0, path, "Input/output error");
            case STALE -> fail(kind != Kind.LOOK, path, "Stale file handle");
            case HANGS -> {
                if (actor != null && random.nextInt(16) == 0) {
                    world.scheduler.passTime("a file call that hangs", Duration.ofSeconds(random.nextInt(200)));
                }
            }
        }
    }

    private static void fail(boolean fails, Path path, String reason) throws FileSystemException {
        if (fails) {
            throw new FileSystemException(path.toString(), null, reason);
        }
    }

    /** The disk writes a part now and then, which is no fault; a full one does before it fails. */
    @Override
    public int writes(Path path, int length) throws IOException {
        boolean all = random.nextInt(4) > 0;
        switch (trouble) {
            case FULL -> {
                if (all) {
                    throw new IOException("No space left on device");
                }
            }
            case ERRORS, STALE -> {
                if (random.nextInt(4) == 0) {
                    throw new IOException("Input/output error");
                }
            }
            case NONE, READ_ONLY, HANGS -> {}
        }
        return all ? length : 1 + random.nextInt(length);
    }
}
