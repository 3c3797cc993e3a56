/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.podfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.jubelet.cri.CriException;
import io.jubelet.pod.NodeNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeNameStoreTest {

    private static final String UID_A = "a".repeat(32);
    private static final String UID_B = "b".repeat(32);

    @TempDir
    Path root;

    private NodeNameStore store;

    @BeforeEach
    void open() {
        store = new NodeNameStore(root, Path.of("/etc/kubernetes/manifests"));
    }

    private NodeNames load(String name) throws IOException {
        return store.load(name, _ -> fail("the runtime is not queried"));
    }

    private void made(String uid) throws IOException {
        Files.createDirectories(root.resolve("pods").resolve(uid));
    }

    @Test
    void remembersFormerNames() throws IOException {
        assertEquals(List.of("a"), load("a").all());
        assertEquals(List.of("b", "a"), load("b").all());
        assertEquals(List.of("c", "b", "a"), load("c").all());
        assertEquals(List.of("a", "c", "b"), load("a").all());
        assertEquals(List.of("c", "b"), load("a").former());
    }

    @Test
    void versionKeepsNameUnderWhichItWasMade() throws IOException {
        NodeNames first = load("a");
        made(UID_A);
        assertEquals("a", first.ofVersion(name -> name.repeat(32)));
        NodeNames second = load("b");
        assertEquals("a", second.ofVersion(name -> name.repeat(32)));
        assertEquals("b", second.ofVersion(name -> "c".repeat(32)));
        made(UID_B);
        assertEquals("b", second.ofVersion(name -> name.repeat(32)));
        assertEquals("a", second.ofMade(UID_A).ofVersion(name -> name.repeat(32)));
    }

    @Test
    void underFormerNameOwnsOnlyWhatWasMadeHere() throws IOException {
        made(UID_A);
        store.store("a", List.of());
        NodeNames names = load("b");
        assertTrue(names.owns("b", UID_B, ""));
        assertTrue(names.owns("a", UID_A, ""));
        assertFalse(names.owns("a", UID_B, "/srv/manifests/web.yaml"));
        assertTrue(names.owns("a", UID_B, "/etc/kubernetes/manifests/web.yaml"));
        assertFalse(names.owns("c", UID_A, "/etc/kubernetes/manifests/web.yaml"));
    }

    @Test
    void findsNamesOnRuntimeAfterUpgrade() throws IOException {
        made(UID_A);
        NodeNames names = store.load("b", made -> {
            assertTrue(made.test(UID_A));
            assertFalse(made.test(UID_B));
            assertFalse(made.test("../pods/" + UID_A));
            return Set.of("a");
        });
        assertEquals(List.of("b", "a"), names.all());
        assertEquals(List.of("b", "a"), load("b").all());
    }

    @Test
    void asksAgainWhenRuntimeDidNotAnswer() throws IOException {
        made(UID_A);
        NodeNames names = store.load("b", _ -> {
            throw new CriException.Unavailable("ListPodSandbox", "down", null);
        });
        assertEquals(List.of("b"), names.all());
        assertEquals(List.of("b", "a"), store.load("b", _ -> Set.of("a")).all());
    }

    @Test
    void startsWhereFileCannotBeWritten() throws IOException {
        Files.createDirectories(root.resolve(NodeNameStore.FILE + ".tmp"));
        assertEquals(List.of("a"), load("a").all());
        assertFalse(Files.exists(root.resolve(NodeNameStore.FILE)));
    }
}
