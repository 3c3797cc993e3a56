/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static io.jubelet.e2e.DaemonProcess.pod;
import static io.jubelet.e2e.DaemonProcess.sleeper;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jubelet.cri.Container;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** However a manifest is saved, its pod is replaced once, on real containerd. */
@OnContainerd
class EditorsContainerdTest {

    private static DaemonProcess daemon;

    @BeforeAll
    static void start() throws IOException {
        daemon = new DaemonProcess().start();
    }

    @AfterAll
    static void stop() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiterString = "::", quoteCharacter = '`', textBlock = """
                    vim           :: vim :: vim -u NONE -N -es -c "%s/red/green/" -c "wq" FILE
                    vim-backup    :: vim :: vim -u NONE -N -es -c "set backup backupcopy=no" -c "%s/red/green/" -c "wq" FILE
                    vim-in-place  :: vim :: vim -u NONE -N -es -c "set backupcopy=yes" -c "%s/red/green/" -c "wq" FILE
                    emacs         :: emacs    :: emacs -Q --batch FILE --eval '(progn (while (search-forward "red" nil t) (replace-match "green")) (save-buffer))'
                    sed           :: sed      :: sed -i s/red/green/ FILE
                    cp            :: cp       :: sed s/red/green/ FILE > ../new && cp ../new FILE
                    mv            :: mv       :: sed s/red/green/ FILE > ../new && mv ../new FILE
                    rsync         :: rsync    :: sed s/red/green/ FILE > ../new && rsync -I ../new FILE
                    shell         :: sh       :: sed s/red/green/ FILE > ../new; cat ../new > FILE
                    slowly        :: sh       :: sed s/red/green/ FILE > ../new; (head -c 200 ../new; sleep 0.7; tail -c +201 ../new) > FILE
                    """)
    void thePodIsReplacedExactlyOnce(String pod, String tool, String command) throws Exception {
        boolean present = Commands.run(java.util.List.of("sh", "-c", "command -v " + tool))
                        .exitCode()
                == 0;
        if (Boolean.getBoolean("jubelet.test.no-skip")) {
            assertTrue(present, tool + " is not installed");
        }
        assumeTrue(present, tool + " is not installed");
        String file = pod + ".yaml";
        daemon.write(file, pod(pod, "echo red; " + sleeper()));
        Container before = daemon.awaitRunning(pod);
        Commands.shell(daemon.manifests, command.replace("FILE", file));
        Container after = daemon.awaitReplaced(pod, before);
        daemon.await("what was saved", () -> daemon.output(after).equals("green\n"));
        daemon.holdsFor(
                "no second replacement",
                Duration.ofSeconds(1),
                () -> daemon.running(pod).stream().allMatch(c -> c.id().equals(after.id())));
        long starts = daemon.log()
                .lines()
                .filter(line -> line.contains("pod=default/" + pod + " action=Start"))
                .count();
        assertEquals(2, starts, daemon.log());
        daemon.remove(file);
        daemon.awaitGone(pod);
    }
}
