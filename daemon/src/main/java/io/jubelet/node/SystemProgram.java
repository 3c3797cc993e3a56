/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/** Programs of the node that are called for their effect, such as mount(8). */
final class SystemProgram {

    /** So that its messages are in English. */
    private static final Map<String, String> ENVIRONMENT = Map.of("LC_ALL", "C");

    private SystemProgram() {}

    /**
     * Runs a program and waits for its end, however long it takes. An interrupt ends the program.
     *
     * @throws IOException if it cannot be run or does not end with exit code 0; the message is then what it wrote
     */
    static void run(String... command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        builder.environment().putAll(ENVIRONMENT);
        Process process = builder.start();
        try {
            // Its output is short and fits into the pipe. A read before its end would hold the carrier
            // of a virtual thread.
            int status = process.waitFor();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (status != 0) {
                throw new IOException(output.isEmpty() ? command[0] + " ended with status " + status : output);
            }
        } catch (InterruptedException e) {
            process.destroy();
            throw e;
        }
    }
}
