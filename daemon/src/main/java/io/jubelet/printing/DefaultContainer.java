/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.printing;

import java.io.PrintStream;
import java.util.List;
import java.util.stream.Stream;

/** Chooses the container for commands that name none: that of the annotation, otherwise the first. */
public final class DefaultContainer {

    private static final String ANNOTATION = "kubectl.kubernetes.io/default-container";

    private DefaultContainer() {}

    /**
     * The name of the container; empty when the pod has none.
     *
     * @param pod a v1 Pod
     * @param notes receives a line when the choice is not obvious
     */
    public static String of(Json pod, PrintStream notes) {
        List<String> main = names(pod, "containers");
        String first = main.isEmpty() ? "" : main.getFirst();
        String annotated = pod.at("metadata", "annotations", ANNOTATION).text();
        if (!annotated.isEmpty()) {
            if (Stream.concat(main.stream(), names(pod, "initContainers").stream())
                    .anyMatch(annotated::equals)) {
                return annotated;
            }
            notes.println("The annotation " + ANNOTATION + " names the container " + Table.printable(annotated)
                    + ", which this pod does not have");
        }
        if (main.size() > 1) {
            notes.println("Container " + Table.printable(first) + " is the default; the pod has "
                    + Table.printable(String.join(", ", main)) + "; choose one with -c");
        }
        return first;
    }

    private static List<String> names(Json pod, String field) {
        return pod.at("spec", field).items().stream()
                .map(container -> container.at("name").text())
                .toList();
    }
}
