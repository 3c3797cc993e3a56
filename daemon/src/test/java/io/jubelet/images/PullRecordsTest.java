/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.credentials.Credential;
import io.jubelet.credentials.ImagePullSecrets;
import io.jubelet.pod.Bytes;
import io.jubelet.pod.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which pods may use an image, and what of that survives a restart. */
class PullRecordsTest {

    private static final String IMAGE = "example.org/app:1";
    private static final String ID = "sha256:1234";
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    @TempDir
    private Path directory;

    private PullRecords records() {
        return new PullRecords(directory, (_, ours) -> ours);
    }

    private static ImagePullSecrets secrets(String password) {
        String content = "{\"auths\": {\"example.org\": {\"username\": \"me\", \"password\": \"" + password + "\"}}}";
        return new ImagePullSecrets(
                List.of(new Secret(
                        "default",
                        "mine",
                        "kubernetes.io/dockerconfigjson",
                        false,
                        Map.of(".dockerconfigjson", Bytes.of(content)))),
                List.of());
    }

    private static Optional<Credential> of(ImagePullSecrets secrets) {
        return Optional.of(secrets.credentials("example.org/app").getFirst());
    }

    private void pulled(PullRecords records, ImagePullSecrets secrets, Optional<Credential> with) throws IOException {
        records.recordIntent(IMAGE);
        records.recordPull(IMAGE, ID, secrets, with, NOW);
    }

    @Test
    void whatNobodyPulledIsForEverybody() {
        assertTrue(records().permits(IMAGE, ID, ImagePullSecrets.NONE));
    }

    @Test
    void whatWasPulledWithASecretIsForThoseWhoHaveTheSame() throws Exception {
        pulled(records(), secrets("x"), of(secrets("x")));
        for (PullRecords records : List.of(records(), records())) {
            assertTrue(records.permits(IMAGE, ID, secrets("x")));
            assertFalse(records.permits(IMAGE, ID, secrets("y")));
            assertFalse(records.permits(IMAGE, ID, ImagePullSecrets.NONE));
            assertFalse(records.permits("other.org/app:1", ID, secrets("x")), "another name of the same image");
            assertTrue(records.permits(IMAGE, "sha256:9", ImagePullSecrets.NONE), "another image of the same name");
        }
        pulled(records(), secrets("y"), of(secrets("y")));
        assertTrue(records().permits(IMAGE, ID, secrets("x")) && records().permits(IMAGE, ID, secrets("y")));
    }

    @Test
    void whatWasGivenForNothingOrForWhatTheNodeKnowsIsForEverybody() throws Exception {
        pulled(records(), secrets("x"), of(secrets("x")));
        pulled(
                records(),
                ImagePullSecrets.NONE,
                Optional.of(new Credential("node", "z", Optional.empty(), "config.json")));
        assertTrue(records().permits(IMAGE, ID, ImagePullSecrets.NONE));
        pulled(records(), secrets("x"), of(secrets("x")));
        assertTrue(records().permits(IMAGE, ID, ImagePullSecrets.NONE), "it stays so");
    }

    @Test
    void anImageThatWasAskedForWhenTheDaemonDiedIsNotForEverybody() throws Exception {
        records().recordIntent(IMAGE);
        PullRecords after = records();
        assertFalse(after.permits(IMAGE, ID, secrets("x")));
        pulled(after, secrets("x"), of(secrets("x")));
        assertTrue(after.permits(IMAGE, ID, secrets("x")));
        assertTrue(records().permits(IMAGE, ID, secrets("x")));
        try (var left = Files.list(directory.resolve("pulling"))) {
            assertEquals(0, left.count());
        }
    }

    @Test
    void aPullThatFailedSaysNothing() throws Exception {
        PullRecords records = records();
        records.recordIntent(IMAGE);
        records.recordIntent(IMAGE);
        records.recordFailure(IMAGE);
        assertFalse(records.permits(IMAGE, ID, ImagePullSecrets.NONE));
        records.recordFailure(IMAGE);
        assertTrue(records.permits(IMAGE, ID, ImagePullSecrets.NONE));
        assertTrue(records().permits(IMAGE, ID, ImagePullSecrets.NONE));
    }

    @Test
    void imagesThatAreGoneAreForgotten() throws Exception {
        PullRecords records = records();
        pulled(records, secrets("x"), of(secrets("x")));
        records.retainAll(Set.of("sha256:9"), NOW);
        assertFalse(records.permits(IMAGE, ID, ImagePullSecrets.NONE), "it was pulled after the list");
        records.retainAll(Set.of(ID), NOW.plusSeconds(1));
        assertFalse(records.permits(IMAGE, ID, ImagePullSecrets.NONE));
        records.retainAll(Set.of(), NOW.plusSeconds(1));
        assertTrue(records.permits(IMAGE, ID, ImagePullSecrets.NONE) && records.isEmpty());
        assertTrue(records().permits(IMAGE, ID, ImagePullSecrets.NONE));
    }

    @Test
    void aFileThatCannotBeUnderstoodIsLeftOut() throws Exception {
        Files.createDirectories(directory.resolve("pulled"));
        Files.writeString(directory.resolve("pulled/sha256-00"), "{\"imageRef\": ");
        Files.writeString(directory.resolve("pulled/sha256-11"), "{\"imageRef\": \"sha256:8\"}");
        assertTrue(records().permits(IMAGE, ID, ImagePullSecrets.NONE));
        assertFalse(records().permits(IMAGE, "sha256:8", ImagePullSecrets.NONE), "pulled, and nobody knows by whom");
    }
}
