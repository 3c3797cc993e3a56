/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jubelet.events.EventRecorder;
import io.jubelet.manifest.PodTexts;
import io.jubelet.node.UnfinishedWork;
import io.jubelet.pod.NodeNames;
import io.jubelet.pod.Pod;
import io.jubelet.testing.Eventually;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real editors save a manifest; its pod must never be missing in between, and the new content must win. */
@Timeout(120)
class EditorSavesTest {

    @TempDir
    private Path root;

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiterString = "::", quoteCharacter = '`', textBlock = """
        vim                :: vim :: vim -u NONE -N -es -c "%s/one/two/" -c "wq" pod.yaml
        vim backup         :: vim :: vim -u NONE -N -es -c "set backup backupcopy=no" -c "%s/one/two/" -c "wq" pod.yaml
        vim in place       :: vim :: vim -u NONE -N -es -c "set backupcopy=yes" -c "%s/one/two/" -c "wq" pod.yaml
        nano               :: nano     :: for t in 0.3 1 3 9; do (sleep $t; printf '\\034one\\rtwo\\rA\\017\\r\\030'; sleep $t) | TERM=xterm script -qec "nano -I pod.yaml" /dev/null; grep -q two pod.yaml && break; done
        emacs              :: emacs    :: emacs -Q --batch pod.yaml --eval '(progn (while (search-forward "one" nil t) (replace-match "two")) (save-buffer))'
        sed -i             :: sed      :: sed -i s/one/two/ pod.yaml
        cp                 :: cp       :: sed s/one/two/ pod.yaml > ../new && cp ../new pod.yaml
        mv                 :: mv       :: sed s/one/two/ pod.yaml > ../new && mv ../new pod.yaml
        rsync              :: rsync    :: sed s/one/two/ pod.yaml > ../new && rsync -I ../new pod.yaml
        rsync in place     :: rsync    :: sed s/one/two/ pod.yaml > ../new && rsync -I --inplace ../new pod.yaml
        shell              :: sh       :: sed s/one/two/ pod.yaml > ../new; cat ../new > pod.yaml
        digits, then mv    :: sh       :: sed s/one/two/ pod.yaml > pod-184467.yaml; sleep 0.3; mv pod-184467.yaml pod.yaml
        letters, then mv   :: sh       :: sed s/one/two/ pod.yaml > pod.yamlX8f3kq; sleep 0.3; mv pod.yamlX8f3kq pod.yaml
        hidden, then mv    :: sh       :: sed s/one/two/ pod.yaml > .ansible_tmpq1_pod.yaml; sleep 0.3; mv .ansible_tmpq1_pod.yaml pod.yaml
        """)
    void podIsNeverMissingDuringSave(String title, String tool, String command) throws Exception {
        boolean present = isInstalled(tool) && (!tool.equals("nano") || isInstalled("script"));
        if (Boolean.getBoolean("jubelet.test.no-skip")) {
            assertTrue(present, tool + " is not installed");
        }
        assumeTrue(present, tool + " is not installed");
        Path directory = Files.createDirectories(root.resolve("manifests"));
        Path file = Files.writeString(directory.resolve("pod.yaml"), PodTexts.pod("a", "one"));
        Deque<DesiredPods> seen = new ConcurrentLinkedDeque<>();
        ManifestDirectory[] self = new ManifestDirectory[1];
        try (ManifestDirectory manifests = new ManifestDirectory(
                new ManifestSource(directory, NodeNames.of("node1"), true, ManifestNames.YAML, Duration.ofDays(1)),
                root.resolve("store"),
                new ManifestBudget(
                        ManifestBudget.DEFAULT_BYTES,
                        UnfinishedWork.open(root.resolve("unfinished"), InstantSource.system())),
                InstantSource.system(),
                new EventRecorder(InstantSource.system(), () -> {}),
                () -> seen.add(self[0].current()))) {
            self[0] = manifests;
            manifests.start();
            Process process = new ProcessBuilder("sh", "-c", command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(root.resolve("output").toFile())
                    .redirectInput(new File("/dev/null"))
                    .start();
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the editor hangs");
            assertTrue(Files.readString(file).contains("two"), () -> title + " did not save");
            Eventually.within(Eventually.DEFAULT_TIMEOUT)
                    .details(() -> "the manifests are " + manifests.current())
                    .until(
                            "the saved file",
                            seen::peekLast,
                            last -> last != null && image(last).equals("two"));
            for (DesiredPods each : List.copyOf(seen)) {
                assertEquals(1, each.pods().size(), () -> "missing in " + each);
                assertTrue(List.of("one", "two").contains(image(each)));
            }
        }
    }

    private static String image(DesiredPods desired) {
        Pod pod = desired.pods().values().iterator().next();
        return pod.spec().containers().getFirst().image();
    }

    private static boolean isInstalled(String tool) {
        for (String directory : System.getenv("PATH").split(":")) {
            if (Files.isExecutable(Path.of(directory, tool))) {
                return true;
            }
        }
        return false;
    }
}
