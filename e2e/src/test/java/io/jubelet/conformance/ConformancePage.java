/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.conformance;

import io.jubelet.conformance.ListedSpec.Cause;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** Makes {@code docs/conformance.md} from the record of a run and the list of specs that do not pass. */
final class ConformancePage {

    private static final String TOP = """
            # Conformance

            <!-- ConformancePageTest makes this page from tools/conformance/results.tsv and expected.tsv. -->

            The Kubernetes project tests kubelets with a suite of its own, `test/e2e_node`. `make conformance`
            runs it on Jubelet. Specs of the suite create pods through an API server, and Jubelet runs static
            pods only. Therefore a front stands between the suite and the API server: it writes each new pod
            into the manifest directory, and copies the status of its mirror pod to it. ConfigMaps and Secrets
            are written there as well. Validation, defaults, watches and grace periods are those of the real
            API server, and every status is one that Jubelet reported.

            `make conformance` needs root, and runs everything in namespaces of its own: etcd, API server,
            containerd, daemon and pods. The suite and the API server are those of the Kubernetes release that
            `tools/build-kubernetes.sh` pins. A run fails if a spec does not pass and is not listed below, or
            if it is listed and passes.

                make conformance                                        the specs of node conformance
                make conformance CONFORMANCE="--focus='MirrorPod'"      those with a matching name
                make conformance CONFORMANCE="--kubelet PROGRAM"        the same with static pods of a kubelet

            `tools/conformance.sh --help` has more options. The logs and the JUnit XML files of a run are in
            `build/conformance/results`.

            """;

    private ConformancePage() {}

    /**
     * The page.
     *
     * @param about on which machine the recorded run was, as lines of Markdown
     */
    static String page(ConformanceTable table, List<String> about, Collection<ListedSpec> listed) {
        StringBuilder page = new StringBuilder(TOP);
        page.append("## What a run shows\n\n");
        about.forEach(line -> page.append(line).append('\n'));
        page.append("\n| group | specs | passed | listed | time of all specs |\n|---|---|---|---|---|\n");
        table.rows().forEach(row -> row(page, row.group().title(), row));
        row(page, "all", table.total());
        page.append("""

                A spec is a test of the suite. A spec that finds that the machine cannot run it does not pass
                either, and is listed.

                ## Specs that do not pass

                """);
        for (Cause cause : Cause.values()) {
            List<ListedSpec> specs =
                    listed.stream().filter(spec -> spec.cause() == cause).toList();
            if (!specs.isEmpty()) {
                page.append("### ").append(cause.title()).append("\n\n");
                page.append(cause.explanation()).append("\n\n| spec | reason |\n|---|---|\n");
                specs.forEach(spec -> page.append("| %s | %s |\n".formatted(cell(spec.name()), cell(spec.reason()))));
                page.append('\n');
            }
        }
        return page.toString().stripTrailing() + "\n";
    }

    private static void row(StringBuilder page, String title, ConformanceTable.Row row) {
        page.append(String.format(
                Locale.ROOT,
                "| %s | %d | %d | %d | %s |\n",
                title,
                row.specs(),
                row.passed(),
                row.listed(),
                ConformanceTable.time(row.time())));
    }

    /** Text as Markdown shows it in a table. */
    private static String cell(String text) {
        return text.replaceAll("([\\[\\]*_<|\\\\])", "\\\\$1");
    }
}
