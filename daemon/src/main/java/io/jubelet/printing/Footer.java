/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.printing;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The lines below a table that report problems: files that are not accepted, and pods that do not run as they should.
 *
 * <p>At most {@value #MOST_LINES} problems of a kind are reported, so that the table stays in sight. One more line counts
 * the others and names the command that lists them all.
 */
public final class Footer {

    static final int MOST_LINES = 5;

    private Footer() {}

    /** The lines about manifests that are not accepted or not read; empty when all are. */
    public static List<String> ofManifests(List<Json> manifests) {
        List<String> lines = new ArrayList<>(limited(
                manifests.stream()
                        .flatMap(manifest -> ofManifest(manifest).stream())
                        .toList(),
                "file is not accepted",
                "files are not accepted",
                "jubelet get manifests"));
        List<String> forKubelet = new ArrayList<>();
        for (Json manifest : manifests) {
            if (manifest.at("state").text().equals("NotRead")) {
                forKubelet.add(manifest.at("path").text());
            }
        }
        lines.addAll(ofFilesForKubelet(forKubelet));
        return lines;
    }

    /** The line about what is wrong with the node; empty when nothing is. */
    public static Optional<String> ofNode(String problem) {
        return problem.isEmpty() ? Optional.empty() : Optional.of(Table.printable("! " + problem));
    }

    /** The line about files that a kubelet would run, and that are not read here because of their names. */
    private static List<String> ofFilesForKubelet(List<String> paths) {
        if (paths.isEmpty()) {
            return List.of();
        }
        int more = paths.size() - MOST_LINES;
        return List.of(Table.printable("! "
                + (paths.size() == 1
                        ? "1 file looks like a pod and is not read because of its name: "
                        : paths.size() + " files look like pods and are not read because of their names: ")
                + paths.stream().limit(MOST_LINES).collect(Collectors.joining(", "))
                + (more > 0 ? " and " + more + " more" : "")
                + "; let the names end in .yaml, or start the daemon with --manifest-names=kubelet"));
    }

    /**
     * The lines about pods that do not run as they should; empty when all do.
     *
     * @param namespace the one that the pods were selected by, if any
     */
    public static List<String> ofPods(List<Json> items, Optional<String> namespace, Instant now) {
        return limited(
                items.stream().flatMap(item -> ofPod(item, now).stream()).toList(),
                "pod is waiting or failing",
                "pods are waiting or failing",
                "jubelet get pods" + namespace.map(name -> " -n " + name).orElse("") + " -o wide");
    }

    /**
     * The line about pods that the cluster has scheduled to this node, where they are not run; empty without such pods.
     *
     * @param pods their namespaces and names
     * @param node the name of this node
     */
    public static Optional<String> ofPodsNotRunHere(List<String> pods, String node) {
        if (pods.isEmpty()) {
            return Optional.empty();
        }
        String line = (pods.size() == 1
                        ? "! 1 pod of the cluster is scheduled to this node and not run here: "
                        : "! " + pods.size() + " pods of the cluster are scheduled to this node and not run here: ")
                + pods.stream().limit(MOST_LINES).collect(Collectors.joining(", "));
        int more = pods.size() - MOST_LINES;
        return Optional.of(Table.printable(
                more > 0
                        ? line + " and " + more
                                + " more; list them with: kubectl get pods -A --field-selector spec.nodeName=" + node
                        : line));
    }

    private static List<String> limited(List<String> lines, String one, String several, String command) {
        int more = lines.size() - MOST_LINES;
        if (more <= 0) {
            return lines;
        }
        List<String> limited = new ArrayList<>(lines.subList(0, MOST_LINES));
        limited.add(
                Table.printable("! " + more + " more " + (more == 1 ? one : several) + "; list them with: " + command));
        return limited;
    }

    private static Optional<String> ofManifest(Json manifest) {
        String word = switch (manifest.at("state").text()) {
            case "Refused" -> "refused";
            case "PartlyRefused" -> "refused in part";
            case "Conflict" -> "in conflict";
            case "BeingWritten" -> "being written";
            case "Unreadable" -> "unreadable";
            case "Empty" -> "empty";
            default -> "";
        };
        if (word.isEmpty()) {
            return Optional.empty();
        }
        String problem = ManifestRow.firstProblem(manifest);
        String field = word.equals("refused in part") ? "heldPods" : "pods";
        List<String> pods = manifest.at(field).items().stream().map(Json::text).toList();
        return Optional.of(Table.printable("! " + manifest.at("path").text() + " " + word
                + (problem.isEmpty() ? "" : ": " + problem)
                + (pods.isEmpty()
                        ? ""
                        : " (last good version keeps running"
                                + (field.equals("heldPods") ? ": " + String.join(", ", pods) : "") + ")")));
    }

    /** The line about a pod; empty when it runs as it should. */
    public static Optional<String> ofPod(Json item, Instant now) {
        List<String> reasons = new ArrayList<>(pulls(item, now));
        String why = why(item, now);
        // The line about the pull says more.
        if (!why.isEmpty() && !item.at("pulling").isTrue()) {
            reasons.addFirst(why);
        }
        return reasons.isEmpty()
                ? Optional.empty()
                : Optional.of(Table.printable(
                        "! " + item.at("pod", "metadata", "namespace").text() + "/"
                                + item.at("name").text() + ": " + String.join("; ", reasons)));
    }

    /** Why a pod does not run as it should, and when the next attempt is; empty when it does. */
    public static String why(Json item, Instant now) {
        String why = item.at("message").text();
        return why.isEmpty() ? "" : why + retry(item.at("retryAt").moment(), now);
    }

    /** The progress of each image pull that the pod waits for. */
    public static List<String> pulls(Json item, Instant now) {
        return item.at("pulls").items().stream().map(pull -> pull(pull, now)).toList();
    }

    private static String pull(Json pull, Instant now) {
        String image = pull.at("image").text();
        Optional<Instant> begun = pull.at("startedAt").moment();
        if (begun.isEmpty()) {
            return "pull of image " + image + " has been queued for "
                    + Age.since(pull.at("queuedAt").moment(), now);
        }
        long done = pull.at("transferredBytes").bytes();
        long total = pull.at("totalBytes").bytes();
        String progress = total > 0 ? ": " + mebibytes(done) + " of " + mebibytes(total) + " MiB" : "";
        return "pulling image " + image + " for " + Age.since(begun, now) + progress;
    }

    private static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f", bytes / 1048576.0);
    }

    public static String retry(Optional<Instant> at, Instant now) {
        if (at.isEmpty()) {
            return "";
        }
        Duration left = Duration.between(now, at.get());
        return left.toSeconds() > 0 ? " (retry in " + Age.of(left) + ")" : " (retry now)";
    }
}
