/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.document.Documents;
import io.jubelet.manifest.PodTexts;
import io.jubelet.pod.NodeNames;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestCheckTest {

    private static final String MAP = """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: settings}
            data: {level: info}
            """;
    private static final String SECRET = """
            apiVersion: v1
            kind: Secret
            metadata: {name: token}
            stringData: {token: abc}
            """;
    private static final String USER = """
            apiVersion: v1
            kind: Pod
            metadata: {name: user}
            spec:
              containers:
              - name: app
                image: example.com/app:1
                env:
                - name: LEVEL
                  valueFrom: {configMapKeyRef: {name: settings, key: level}}
                - name: TOKEN
                  valueFrom: {secretKeyRef: {name: token, key: token}}
                - name: MAYBE
                  valueFrom: {secretKeyRef: {name: absent, key: token, optional: true}}
                envFrom:
                - configMapRef: {name: settings}
              volumes:
              - name: files
                configMap: {name: settings, items: [{key: level, path: level}]}
              - name: secret
                secret: {secretName: token}
              - name: both
                projected:
                  sources:
                  - secret: {name: token, items: [{key: token, path: token}]}
            """;

    @TempDir
    private Path directory;

    private static ManifestCheck check(ManifestNames names, boolean localConfig, boolean access) {
        return new ManifestCheck(new ManifestCheck.Rules(NodeNames.of("node1"), localConfig, names, access));
    }

    private static ManifestCheck check() {
        return check(ManifestNames.YAML, true, false);
    }

    private void write(String name, String text) throws IOException {
        Path file = Files.writeString(directory.resolve(name), text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private List<String> directory(ManifestCheck check) throws IOException {
        check.directory(directory);
        return lines(check);
    }

    /** One line for each finding, with the name of its file. */
    private static List<String> lines(ManifestCheck check) {
        List<String> lines = new ArrayList<>();
        for (CheckedFile file : check.result()) {
            String name = Path.of(file.path()).getFileName().toString();
            file.errors().forEach(error -> lines.add(name + ":" + error));
            file.warnings().forEach(warning -> lines.add(name + ":W:" + warning));
        }
        return lines;
    }

    @Test
    void aValidFileHasNoFindings() throws IOException {
        write("web.yaml", PodTexts.pod("web", "example.com/app:1"));
        ManifestCheck check = check();
        check.file(directory.resolve("web.yaml"));
        CheckedFile file = check.result().getFirst();
        assertEquals(List.of(), lines(check));
        assertEquals("default/web", file.objects().getFirst().toString());
        assertEquals(CheckedFile.Outcome.READ, file.outcome());
    }

    @Test
    void theSecondFileWithAPodIsInConflict() throws IOException {
        write("a.yaml", PodTexts.pod("web", "example.com/app:1"));
        write("b.yaml", PodTexts.pod("web", "example.com/app:1"));
        write("c.yaml", PodTexts.pod("other", "example.com/app:1"));
        List<String> lines = directory(check());
        assertEquals(1, lines.size(), lines.toString());
        assertTrue(lines.getFirst().startsWith("b.yaml:"), lines.toString());
        assertTrue(
                lines.getFirst().contains("the pod default/web already belongs to " + directory.resolve("a.yaml")),
                lines.toString());
    }

    @Test
    void filesThatAreNamedOneByOneAreCheckedTogetherForTheSamePod() {
        ManifestCheck check = check();
        check.content("a.yaml", PodTexts.pod("web", "example.com/app:1").getBytes(StandardCharsets.UTF_8));
        check.content("b.yaml", PodTexts.pod("web", "example.com/app:1").getBytes(StandardCharsets.UTF_8));
        assertEquals(1, lines(check).size());
    }

    @Test
    void whatAPodNeedsIsLookedForInTheDirectory() throws IOException {
        write("user.yaml", USER);
        assertEquals(
                List.of(
                        "user.yaml:W:10:43: spec.containers[0].env[0].valueFrom.configMapKeyRef.name: the ConfigMap"
                                + " default/settings is in no file of this directory; the pod waits until one declares it",
                        "user.yaml:W:12:40: spec.containers[0].env[1].valueFrom.secretKeyRef.name: the Secret"
                                + " default/token is in no file of this directory; the pod waits until one declares it"),
                directory(check()));
        write("config.yaml", MAP + "---\n" + SECRET);
        assertEquals(List.of(), directory(check()));
    }

    @Test
    void aMissingKeyIsFoundInEachPlace() throws IOException {
        write("user.yaml", USER);
        write("config.yaml", MAP.replace("level:", "other:") + "---\n" + SECRET.replace("{token:", "{other:"));
        List<String> lines = directory(check());
        assertEquals(4, lines.size(), lines.toString());
        assertEquals(
                "user.yaml:W:19:47: spec.volumes[0].configMap.items[0].key: the ConfigMap default/settings has no key"
                        + " \"level\"; the pod waits until it has one",
                lines.get(2));
        assertTrue(lines.get(3).contains("spec.volumes[2].projected.sources[0].secret.items[0].key"), lines.get(3));
    }

    @Test
    void referencesOfFilesThatAreNamedOneByOneAreNotLookedFor() {
        ManifestCheck check = check();
        check.content("user.yaml", USER.getBytes(StandardCharsets.UTF_8));
        assertEquals(List.of(), lines(check));
    }

    @Test
    void aConfigMapWithErrorsIsNotMissing() throws IOException {
        write("user.yaml", USER);
        write("config.yaml", MAP.replace("\ndata:", "\ndta:") + "---\n" + SECRET);
        List<String> lines = directory(check());
        assertEquals(1, lines.size(), lines.toString());
        assertTrue(lines.getFirst().contains("did you mean \"data\"?"), lines.toString());
    }

    @Test
    void aDocumentThatIsHeldUpIsAWarning() {
        ManifestCheck check = check();
        check.content(
                "user.yaml", (USER + "---\n" + MAP.replace("\ndata:", "\ndta:")).getBytes(StandardCharsets.UTF_8));
        List<String> lines = lines(check);
        assertTrue(
                lines.get(1).contains("W:3:18: metadata.name: the pod default/user is held up until"),
                lines.toString());
    }

    @Test
    void filesThatTheDaemonDoesNotReadAreListedWithTheReason() throws IOException {
        write("web.yaml.bak", PodTexts.pod("web", "example.com/app:1"));
        write("web.manifest", PodTexts.pod("web", "example.com/app:1"));
        write("notes.txt", "nothing");
        Files.createDirectory(directory.resolve("sub"));
        Files.createSymbolicLink(directory.resolve("gone.yaml"), Path.of("nowhere"));
        ManifestCheck check = check();
        directory(check);
        List<String> outcomes = check.result().stream()
                .map(file -> Path.of(file.path()).getFileName() + " " + file.outcome())
                .toList();
        assertEquals(
                List.of(
                        "gone.yaml UNREADABLE",
                        "notes.txt IGNORED",
                        "sub IGNORED",
                        "web.manifest NOT_READ",
                        "web.yaml.bak IGNORED"),
                outcomes);
        ManifestCheck asKubelet = check(ManifestNames.KUBELET, true, false);
        asKubelet.directory(directory);
        assertEquals(
                List.of("web.manifest"),
                asKubelet.result().stream()
                        .filter(file -> !file.objects().isEmpty())
                        .map(file -> Path.of(file.path()).getFileName().toString())
                        .toList());
    }

    @Test
    void accessIsCheckedOnlyIfThatIsAskedFor() throws IOException {
        write("secret.yaml", SECRET);
        Files.setPosixFilePermissions(directory.resolve("secret.yaml"), PosixFilePermissions.fromString("rw-rw-rw-"));
        assertEquals(List.of(), directory(check()));
        List<String> lines = directory(check(ManifestNames.YAML, true, true));
        assertTrue(lines.toString().contains("its mode is 0666"), lines.toString());
        assertTrue(lines.toString().contains("can be changed by every user"), lines.toString());
    }

    @Test
    void withoutLocalConfigAConfigMapIsAnError() throws IOException {
        write("config.yaml", MAP);
        List<String> lines = directory(check(ManifestNames.YAML, false, false));
        assertTrue(lines.getFirst().contains("--local-config=false"), lines.toString());
    }

    @Test
    void aFileThatIsTooLargeIsRefusedWithoutBeingReadToItsEnd() throws IOException {
        Files.write(directory.resolve("large.yaml"), new byte[Documents.MAX_SIZE + 1]);
        ManifestCheck check = check();
        check.file(directory.resolve("large.yaml"));
        assertEquals(List.of("large.yaml:is larger than 3 MiB; divide it into several files"), lines(check));
    }

    @Test
    void whatIsNotThereCannotBeRead() {
        Path absent = directory.resolve("absent");
        assertThrows(NoSuchFileException.class, () -> check().file(absent));
        assertThrows(NoSuchFileException.class, () -> check().directory(absent));
    }
}
