/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.manifest.PodTexts;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What an error in one document of a file means for the others. */
class SeveralDocumentsTest extends ReadDirectory {

    private static String file(String... documents) {
        return String.join("---\n", documents);
    }

    private static String bad(String document) {
        return document.replace("image", "imgae").replace("\ndata:", "\ndta:");
    }

    private static String map(String name, String color) {
        return "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " + name + "\ndata:\n  color: " + color + "\n";
    }

    private static String podWith(String name, String image, String map) {
        return PodTexts.pod(name, image) + "    envFrom:\n    - configMapRef: {name: " + map + "}\n";
    }

    private Optional<String> color(String name) {
        return driver.current
                .localConfig()
                .configMap("default", name)
                .map(map -> map.data().get("color"));
    }

    private List<String> held() {
        return driver.manifest("a.yaml").held().stream().map(Object::toString).toList();
    }

    private void write(String... documents) throws IOException {
        driver.write("a.yaml", file(documents));
        driver.sync();
    }

    @Test
    void badDocumentDoesNotHoldUpOthers() throws IOException {
        write(bad(PodTexts.pod("a", "one")), PodTexts.pod("b", "one"));
        assertEquals(Map.of("b", "one"), driver.images());
        assertEquals(Manifest.State.PARTLY_REFUSED, driver.state("a.yaml"));
        assertEquals(List.of(), held());
        write(PodTexts.pod("a", "one"), PodTexts.pod("b", "one"));
        assertEquals(Map.of("a", "one", "b", "one"), driver.images());
        write(bad(PodTexts.pod("a", "two")), PodTexts.pod("b", "two"));
        assertEquals(Map.of("a", "one", "b", "two"), driver.images(), "the last good version of a, the new one of b");
        assertEquals(List.of("default/a"), held());
        driver.restart();
        driver.sync();
        assertEquals(Map.of("a", "one", "b", "two"), driver.images());
        write(PodTexts.pod("a", "three"), PodTexts.pod("b", "two"));
        assertEquals(Map.of("a", "three", "b", "two"), driver.images());
        assertEquals(Manifest.State.ACCEPTED, driver.state("a.yaml"));
        assertEquals(List.of(), held());
    }

    @Test
    void fileWithoutGoodDocumentIsRefused() throws IOException {
        write(bad(PodTexts.pod("a", "one")), bad(PodTexts.pod("b", "one")));
        assertEquals(Map.of(), driver.images());
        assertEquals(Manifest.State.REFUSED, driver.state("a.yaml"));
    }

    @Test
    void documentsOfOnePodChangeTogether() throws IOException {
        write(podWith("a", "one", "c"), map("c", "blue"), PodTexts.pod("b", "one"));
        assertEquals(Optional.of("blue"), color("c"));
        write(podWith("a", "two", "c"), bad(map("c", "green")), PodTexts.pod("b", "two"));
        assertEquals(Map.of("a", "one", "b", "two"), driver.images(), "the pod waits for its ConfigMap");
        assertEquals(Optional.of("blue"), color("c"));
        assertEquals(List.of("default/a"), held());
        assertTrue(
                driver.why("a.yaml")
                        .contains("3:18: metadata.name: the pod default/a is held up until the errors of the ConfigMap"
                                + " default/c are corrected, because one pod uses both"),
                driver.why("a.yaml"));
        write(bad(podWith("a", "two", "c")), map("c", "green"), PodTexts.pod("b", "two"));
        assertEquals(Map.of("a", "one", "b", "two"), driver.images());
        assertEquals(Optional.of("blue"), color("c"), "the ConfigMap waits for its pod");
        write(podWith("a", "two", "c"), map("c", "green"), PodTexts.pod("b", "two"));
        assertEquals(Map.of("a", "two", "b", "two"), driver.images());
        assertEquals(Optional.of("green"), color("c"));
    }

    @Test
    void errorInANameKeepsWhatTheFileHadUnderAnother() throws IOException {
        write(PodTexts.pod("web", "one"), PodTexts.pod("b", "one"));
        write(PodTexts.pod("web_", "two"), PodTexts.pod("b", "two"));
        assertEquals(Map.of("web", "one", "b", "two"), driver.images());
        assertTrue(driver.why("a.yaml").contains("the pod default/web is not in the file"), driver.why("a.yaml"));
        write(PodTexts.pod("web", "two").replace("kind: Pod", "kind: Pdo"), PodTexts.pod("b", "two"));
        assertEquals(Map.of("web", "one", "b", "two"), driver.images());
        write(PodTexts.pod("b", "two"));
        assertEquals(Map.of("b", "two"), driver.images(), "without an error a missing document is a removed one");
    }

    @Test
    void fileThatCannotBeDividedIsHeldUpAsAWhole() throws IOException {
        write(PodTexts.pod("a", "one"), PodTexts.pod("b", "one"));
        write(PodTexts.pod("a", "two"), PodTexts.pod("b", "two") + "\t broken: [\n");
        assertEquals(Map.of("a", "one", "b", "one"), driver.images());
        assertEquals(Manifest.State.REFUSED, driver.state("a.yaml"));
        assertEquals(1, driver.manifest("a.yaml").problems().size(), driver.why("a.yaml"));
        write("");
        assertEquals("[is empty]", driver.why("a.yaml"));
        assertEquals(List.of("default/a", "default/b"), held());
    }

    @Test
    void repeatedKeyIsAnErrorOfItsDocument() throws IOException {
        write(PodTexts.pod("a", "one"), PodTexts.pod("b", "one"));
        write(PodTexts.pod("a", "two"), PodTexts.pod("b", "two") + "    image: three\n");
        assertEquals(Map.of("a", "two", "b", "one"), driver.images());
    }

    @Test
    void twoDocumentsWithOneNameAreBothRefused() throws IOException {
        write(PodTexts.pod("a", "one"), PodTexts.pod("b", "one"));
        write(PodTexts.pod("a", "two"), PodTexts.pod("a", "three"), PodTexts.pod("b", "two"));
        assertEquals(Map.of("a", "one", "b", "two"), driver.images());
    }
}
