/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jubelet.node.SafeDirectory;
import io.jubelet.pod.PodGroups;
import io.jubelet.pod.PodGroups.FsGroupChangePolicy;
import io.jubelet.pod.PodGroups.SupplementalGroupsPolicy;
import io.jubelet.pod.PodSecurity;
import io.jubelet.pod.RunAs;
import io.jubelet.pod.SecurityProfiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("root")
class VolumeOwnershipTest {

    @TempDir
    Path dir;

    private Path volume;
    private Path outside;

    @BeforeEach
    void fill() throws IOException {
        assumeTrue(Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "only root gives files away");
        outside = Files.writeString(dir.resolve("outside"), "");
        volume = Files.createDirectories(dir.resolve("volume"));
        Files.createDirectory(volume.resolve("sub"));
        Files.writeString(volume.resolve("sub/file"), "");
        Files.createSymbolicLink(volume.resolve("link"), outside);
        mode(volume, 0777);
        mode(volume.resolve("sub"), 0700);
        mode(volume.resolve("sub/file"), 0600);
        mode(outside, 0600);
    }

    private static void mode(Path path, int mode) throws IOException {
        Files.setAttribute(path, "unix:mode", mode);
    }

    private static PodSecurity security(FsGroupChangePolicy policy) {
        return new PodSecurity(
                RunAs.UNSET,
                new PodGroups(List.of(), SupplementalGroupsPolicy.Merge, Optional.of(4242L), policy),
                SecurityProfiles.UNSET,
                new LinkedHashMap<>());
    }

    private void apply(PodSecurity security, boolean readOnly) throws IOException {
        try (SafeDirectory opened = SafeDirectory.open(volume)) {
            VolumeOwnership.apply(opened, security, readOnly);
        }
    }

    private static String look(Path path) throws IOException {
        return Files.getAttribute(path, "unix:gid", LinkOption.NOFOLLOW_LINKS)
                + " "
                + Integer.toOctalString((int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 07777);
    }

    @Test
    void setsTheGroupOfEverythingExceptBehindLinks() throws IOException {
        apply(security(FsGroupChangePolicy.Always), false);
        assertEquals("4242 2777", look(volume));
        assertEquals("4242 2770", look(volume.resolve("sub")));
        assertEquals("4242 660", look(volume.resolve("sub/file")));
        assertEquals("4242 777", look(volume.resolve("link")));
        assertEquals("0 600", look(outside));
    }

    @Test
    void theGroupCanOnlyReadAReadOnlyVolume() throws IOException {
        apply(security(FsGroupChangePolicy.Always), true);
        assertEquals("4242 2750", look(volume.resolve("sub")));
        assertEquals("4242 640", look(volume.resolve("sub/file")));
    }

    @Test
    void onRootMismatchSkipsAVolumeWhoseRootMatches() throws IOException {
        apply(security(FsGroupChangePolicy.OnRootMismatch), false);
        assertEquals("4242 660", look(volume.resolve("sub/file")));
        mode(volume.resolve("sub/file"), 0600);
        apply(security(FsGroupChangePolicy.OnRootMismatch), false);
        assertEquals("4242 600", look(volume.resolve("sub/file")));
        apply(security(FsGroupChangePolicy.Always), false);
        assertEquals("4242 660", look(volume.resolve("sub/file")));
    }

    @Test
    void changesNothingWithoutAnFsGroup() throws IOException {
        apply(PodSecurity.NONE, false);
        assertEquals("0 777", look(volume));
    }
}
