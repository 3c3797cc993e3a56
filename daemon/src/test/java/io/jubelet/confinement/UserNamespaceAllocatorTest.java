/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.confinement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.IDMapping;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UserNamespaceAllocatorTest {

    @TempDir
    private Path pods;

    @TempDir
    private Path etc;

    @TempDir
    private Path programs;

    private int idsPerPod = 65536;

    private IDMapping of(String uid) throws IOException {
        Files.createDirectories(pods.resolve(uid));
        return new UserNamespaceAllocator(pods, idsPerPod, 10, new SubordinateIds(etc, List.of(programs))).of(uid);
    }

    @Test
    void everyPodHasItsOwnIdsAndKeepsThem() throws IOException {
        Set<Integer> hosts = new HashSet<>();
        for (int i = 0; i < 300; i++) {
            IDMapping mapping = of("pod" + i);
            assertTrue(mapping.hostId() >= 65536 && mapping.hostId() % 65536 == 0, mapping::toString);
            assertEquals(0, mapping.containerId());
            assertEquals(65536, mapping.length());
            assertTrue(hosts.add(mapping.hostId()), mapping::toString);
            assertEquals(mapping, of("pod" + i));
        }
    }

    /** The two UIDs have the same hash code, so both prefer the same range. */
    @Test
    void allocatesTheNextRangeIfThePreferredOneIsInUse() throws IOException {
        assertEquals("Aa".hashCode(), "BB".hashCode());
        int first = of("Aa").hostId();
        assertEquals(first + 65536, of("BB").hostId());
        Files.delete(pods.resolve("Aa/userns"));
        Files.delete(pods.resolve("Aa"));
        assertEquals(first + 65536, of("BB").hostId());
        assertEquals(first, of("Aa").hostId());
    }

    @Test
    void theLengthFollowsTheSettingsForNewPodsOnly() throws IOException {
        IDMapping before = of("before");
        idsPerPod = 3 * 65536;
        assertEquals(before, of("before"));
        for (int i = 0; i < 300; i++) {
            IDMapping mapping = of("pod" + i);
            assertEquals(3 * 65536, mapping.length());
            assertEquals(0, mapping.hostId() % mapping.length());
            assertTrue(
                    mapping.hostId() > before.hostId() || mapping.hostId() + mapping.length() <= before.hostId(),
                    mapping::toString);
        }
    }

    private void reserve(String users, String groups) throws IOException {
        Files.writeString(etc.resolve("passwd"), "root:x:0:0::/:/bin/sh\nkubelet:x:900:900::/:/bin/false\n");
        Files.writeString(etc.resolve("subuid"), "me:100000:65536\nkubelet:" + users + "\n");
        Files.writeString(etc.resolve("subgid"), "kubelet:" + groups + "\nkubelets:1:1\n");
    }

    @Test
    void allocatesOnlyReservedIds() throws IOException {
        reserve("655360:655360", "655360:655360");
        Set<Integer> hosts = new HashSet<>();
        for (int i = 0; i < 10; i++) {
            hosts.add(of("pod" + i).hostId());
        }
        assertEquals(10, hosts.size());
        assertTrue(hosts.stream().allMatch(host -> host >= 655360 && host < 2 * 655360), hosts::toString);
        assertTrue(problem().contains("all 10 ranges of user ids are allocated"));
    }

    @Test
    void withoutAUserOfThatNameNoIdsAreReserved() throws IOException {
        reserve("655360:655360", "655360:655360");
        Files.writeString(etc.resolve("passwd"), "kubelets:x:900:900::/:/bin/false\n");
        Set<Integer> hosts = new HashSet<>();
        for (int i = 0; i < 11; i++) {
            hosts.add(of("pod" + i).hostId());
        }
        assertEquals(11, hosts.size());
    }

    private String problem() throws IOException {
        return assertThrows(IOException.class, () -> of("one-more")).getMessage();
    }

    @Test
    void rejectsUnusableReservations() throws IOException {
        reserve("655360:655360", "655361:655360");
        assertTrue(problem().contains("user and group ids of the user kubelet differ"), problem());
        reserve("655361:655360", "655361:655360");
        assertTrue(problem().contains("must start at a multiple of 65536"), problem());
        reserve("0:655360", "0:655360");
        assertTrue(problem().contains("and not at 0"), problem());
        reserve("655360:655361", "655360:655361");
        assertTrue(problem().contains("must be a multiple of 65536"), problem());
        reserve("655360:65536", "655360:65536");
        assertTrue(problem().contains("must be enough for 10 pods, which takes 655360"), problem());
        reserve("4294901760:655360", "4294901760:655360");
        assertTrue(problem().contains("must be below 2147483648"), problem());
        reserve("655360:655360\nkubelet:6553600:655360", "655360:655360");
        assertTrue(problem().contains("must have one range of subordinate user ids"), problem());
        reserve("655360", "655360");
        assertTrue(problem().contains("must have one range"), problem());
        // A corrected reservation is used at once.
        reserve("655360:655360", "655360:655360");
        assertTrue(of("one-more").hostId() >= 655360);
    }

    private void getsubids(String script) throws IOException {
        Path program = Files.writeString(programs.resolve("getsubids"), "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void usesTheProgramGetsubidsIfThereIsOne() throws IOException {
        reserve("655360:655360", "655360:655360");
        getsubids("echo '0: kubelet 6553600 655360'");
        assertTrue(of("pod").hostId() >= 6553600);
        getsubids("[ \"$1\" = -g ] || echo '0: kubelet 6553600 655360'");
        assertTrue(problem().contains("subordinate group ids"), problem());
        getsubids("echo no directory >&2; exit 1");
        assertTrue(problem().contains("getsubids kubelet failed: no directory"), problem());
    }

    @Test
    void storesRangesInTheFormatOfTheKubelet() throws IOException {
        int host = of("pod").hostId();
        String mapping = "[{\"hostId\":" + host + ",\"containerId\":0,\"length\":65536}]";
        assertEquals(
                "{\"uidMappings\":" + mapping + ",\"gidMappings\":" + mapping + "}",
                Files.readString(pods.resolve("pod/userns")));
    }

    @Test
    void failsIfTheStoredRangeIsMalformed() throws IOException {
        of("pod");
        Files.writeString(pods.resolve("pod/userns"), "{\"uidMappings\":[{\"hostId\":65536");
        IOException e = assertThrows(IOException.class, () -> of("pod"));
        assertTrue(e.getMessage().contains("pod/userns"), e::getMessage);
        assertThrows(IOException.class, () -> of("another"), "it could be given the same");
    }
}
