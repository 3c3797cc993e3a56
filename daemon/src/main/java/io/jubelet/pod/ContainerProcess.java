/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.List;
import java.util.Objects;

/**
 * The first process of a container.
 *
 * @param command replaces the entry point of the image; empty keeps it
 * @param args replaces the arguments of the image; empty keeps them
 * @param workingDir empty keeps that of the image
 * @param envFrom in the order of the manifest; {@code env} wins over all of it
 * @param env in the order of the manifest, unexpanded
 * @param terminal never null
 */
public record ContainerProcess(
        List<String> command,
        List<String> args,
        String workingDir,
        List<EnvFrom> envFrom,
        List<EnvVar> env,
        Terminal terminal) {

    public ContainerProcess {
        command = List.copyOf(command);
        args = List.copyOf(args);
        Objects.requireNonNull(workingDir, "workingDir");
        envFrom = List.copyOf(envFrom);
        env = List.copyOf(env);
        Objects.requireNonNull(terminal, "terminal");
    }
}
