/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs the launcher with a JVM that prints its options. */
class LauncherTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    run                                      | daemon
                    get pods                                 | cli
                    logs exec                                | cli
                    exec web -- true                         | streams
                    attach web                               | streams
                    port-forward web 80                      | streams
                    cp web:/a b                              | streams
                    --api-socket=/run/a.sock exec web -- sh  | streams
                    --api-socket /run/a.sock cp a web:/b     | streams
                    --api-socket=/run/a.sock get pods        | cli
                    --api-socket                             | cli
                    """)
    void eachCommandHasTheCacheThatWasMadeForIt(String arguments, String cache, @TempDir Path dir)
            throws IOException, InterruptedException {
        Path java = Files.createDirectories(dir.resolve("java/bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\necho \" $* \"\n");
        assertTrue(java.toFile().setExecutable(true));
        Path lib = Files.createDirectories(dir.resolve("lib"));
        Files.writeString(lib.resolve("classpath"), "jubelet.jar\n");
        for (String each : List.of("daemon", "cli", "streams")) {
            Files.createFile(lib.resolve("jubelet-" + each + ".aot"));
        }
        Path launcher = Files.copy(
                Path.of("src/main/dist/jubelet"),
                Files.createDirectories(dir.resolve("bin")).resolve("jubelet"));
        List<String> command = new ArrayList<>(List.of("sh", launcher.toString()));
        command.addAll(List.of(arguments.split(" ")));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("JUBELET_JAVA_HOME", dir.resolve("java").toString());
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        assertTrue(output.contains(" -XX:AOTCache=" + lib.resolve("jubelet-" + cache + ".aot") + " "), output);
    }
}
