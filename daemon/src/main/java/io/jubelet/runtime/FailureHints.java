/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.PodSpec;
import java.util.List;

/** Adds to a message of the runtime which field of the manifest probably caused the failure. */
final class FailureHints {

    private FailureHints() {}

    /** The message about a failed creation or start of a container. */
    static String ofContainer(String message, ContainerSpec container) {
        if (isAboutMemory(message)) {
            return message + memoryLimit(container);
        }
        List<String> command = container.process().command();
        List<String> words = command.isEmpty() ? container.process().args() : command;
        String program = words.isEmpty() ? "" : words.getFirst();
        if (message.contains("exec: \"") && program.strip().contains(" ")) {
            return message + "; each item of " + (command.isEmpty() ? "args" : "command")
                    + " is one word, so the program must be an item of its own: [\""
                    + String.join("\", \"", program.strip().split(" +")) + "\"]";
        }
        return message;
    }

    /** The message about a failed creation of a sandbox. */
    static String ofSandbox(String message, PodSpec pod) {
        if (!isAboutMemory(message)) {
            return message;
        }
        StringBuilder limits = new StringBuilder(message);
        pod.resources()
                .flatMap(resources -> resources.limit("memory"))
                .ifPresent(limit ->
                        limits.append("; the memory limit of the pod is ").append(limit));
        pod.allContainers().forEach(container -> limits.append(memoryLimit(container)));
        return limits.toString();
    }

    /** Cgroups with a limit below what the runtime needs cannot be created or entered. */
    private static boolean isAboutMemory(String message) {
        return message.contains("cannot allocate memory")
                || message.contains("OOM-killed")
                || message.contains("memory.max")
                || message.contains("memory.limit_in_bytes");
    }

    private static String memoryLimit(ContainerSpec container) {
        return container
                .resources()
                .limit("memory")
                .map(limit -> "; the memory limit of container " + container.name() + " is " + limit)
                .orElse("");
    }
}
