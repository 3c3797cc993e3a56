/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.criconfig.Pods;
import io.jubelet.pod.Bytes;
import io.jubelet.pod.ConfigMap;
import io.jubelet.pod.ConfigRef;
import io.jubelet.pod.EnvVar;
import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.Pod;
import io.jubelet.pod.Projection;
import io.jubelet.pod.Secret;
import io.jubelet.pod.Volume;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProjectedFilesTest {

    private static final LocalConfig CONFIG = new LocalConfig(
            Map.of(
                    new LocalConfig.Key("default", "settings"),
                    new ConfigMap(
                            "default",
                            "settings",
                            false,
                            Map.of("a", "1", "b", "2"),
                            Map.of("raw", Bytes.of("bytes")))),
            Map.of(
                    new LocalConfig.Key("default", "token"),
                    new Secret("default", "token", "Opaque", false, Map.of("key", Bytes.of("secret")))));

    private final Pod pod = Pods.pod(List.of(), Pods.shell("app", "true"));

    private Map<String, ProjectedFile> files(Projection... sources) throws IOException {
        Volume.Projected volume = new Volume.Projected("v", Volume.Form.PROJECTED, List.of(sources), 0644);
        return ProjectedFiles.of(pod, volume, CONFIG, (_, source) -> "fact " + source);
    }

    private String failure(Projection... sources) {
        return assertThrows(IOException.class, () -> files(sources)).getMessage();
    }

    private static Projection.OfConfig all(ConfigRef.Kind kind, String name, boolean optional) {
        return items(kind, name, optional);
    }

    private static Projection.OfConfig items(
            ConfigRef.Kind kind, String name, boolean optional, Projection.Item... items) {
        return new Projection.OfConfig(new ConfigRef(kind, name, optional), List.of(items));
    }

    private static Projection.Item item(String key, String path) {
        return new Projection.Item(key, path, OptionalInt.empty());
    }

    private static ProjectedFile file(String content, int mode) {
        return new ProjectedFile(Bytes.of(content), mode);
    }

    @Test
    void withoutItemsEveryKeyIsAFile() throws IOException {
        assertEquals(
                Map.of("a", file("1", 0644), "b", file("2", 0644), "raw", file("bytes", 0644)),
                files(all(ConfigRef.Kind.ConfigMap, "settings", false)));
        assertEquals(Map.of("key", file("secret", 0644)), files(all(ConfigRef.Kind.Secret, "token", false)));
    }

    @Test
    void itemsSelectKeysPathsAndModes() throws IOException {
        assertEquals(
                Map.of("etc/a.conf", file("1", 0644), "b", file("2", 0400)),
                files(items(
                        ConfigRef.Kind.ConfigMap,
                        "settings",
                        false,
                        item("a", "etc/./a.conf"),
                        new Projection.Item("b", "b", OptionalInt.of(0400)))));
    }

    @Test
    void factsOfThePodAreFiles() throws IOException {
        EnvVar.Field name = new EnvVar.Field("metadata.name");
        assertEquals(
                Map.of("name", file("fact " + name, 0600)),
                files(new Projection.OfPod(List.of(new Projection.Fact("name", name, OptionalInt.of(0600))))));
    }

    @Test
    void laterSourcesReplaceFilesOfEarlierOnes() throws IOException {
        assertEquals(
                Map.of("a", file("secret", 0644)),
                files(
                        items(ConfigRef.Kind.ConfigMap, "settings", false, item("a", "a")),
                        items(ConfigRef.Kind.Secret, "token", false, item("key", "a"))));
    }

    @Test
    void missingObjectsAndKeysFailUnlessTheyAreOptional() throws IOException {
        assertTrue(failure(all(ConfigRef.Kind.ConfigMap, "none", false)).startsWith("configmap \"none\" not found: "));
        assertTrue(failure(all(ConfigRef.Kind.Secret, "none", false)).startsWith("secret \"none\" not found: "));
        assertEquals(
                "configmap references non-existent config key: none",
                failure(items(ConfigRef.Kind.ConfigMap, "settings", false, item("none", "x"))));
        assertEquals(
                "references non-existent secret key: none",
                failure(items(ConfigRef.Kind.Secret, "token", false, item("none", "x"))));
        assertEquals(
                Map.of(),
                files(
                        all(ConfigRef.Kind.ConfigMap, "none", true),
                        items(ConfigRef.Kind.Secret, "token", true, item("none", "x"))));
    }

    @Test
    void aFileCannotBeADirectoryToo() {
        assertEquals(
                "the files a and a/b cannot both be in one volume: one of them would have to be a directory",
                failure(items(ConfigRef.Kind.ConfigMap, "settings", false, item("a", "a"), item("b", "a/b"))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "/x", "a/../../x", "..data", "."})
    void pathsMustStayInTheVolume(String path) {
        assertEquals(
                "the path " + path + " leads out of the volume",
                failure(items(ConfigRef.Kind.ConfigMap, "settings", false, item("a", path))));
    }
}
