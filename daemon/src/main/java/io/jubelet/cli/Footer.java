package io.jubelet.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** The lines below a table that tell what is wrong: files that are not accepted, and pods that do not run. */
final class Footer {

    /** So many pods are named before they are only counted. */
    private static final int MOST_NAMES = 5;

    private Footer() {}

    /** One line on a manifest that needs somebody's attention. */
    static Optional<String> ofManifest(Json manifest) {
        String word = switch (manifest.at("state").text()) {
            case "Refused" -> "refused";
            case "Conflict" -> "in conflict";
            case "BeingWritten" -> "being written";
            case "Unreadable" -> "unreadable";
            default -> "";
        };
        if (word.isEmpty()) {
            return Optional.empty();
        }
        String problem = ManifestRow.firstProblem(manifest);
        List<Json> pods = manifest.at("pods").items();
        return Optional.of(Table.printable("! " + manifest.at("path").text() + " " + word
                + (problem.isEmpty() ? "" : ": " + problem)
                + (pods.isEmpty() ? "" : " (last good version keeps running)")));
    }

    /** One line on what the cluster would have run here. */
    static Optional<String> ofPodsNotRunHere(List<Json> pods) {
        if (pods.isEmpty()) {
            return Optional.empty();
        }
        String names = pods.stream().limit(MOST_NAMES).map(Json::text).collect(Collectors.joining(", "));
        return Optional.of(Table.printable((pods.size() == 1
                        ? "! 1 pod of the cluster is scheduled to this node and not run here: "
                        : "! " + pods.size() + " pods of the cluster are scheduled to this node and not run here: ")
                + names
                + (pods.size() > MOST_NAMES ? " and " + (pods.size() - MOST_NAMES) + " more" : "")));
    }

    /** One line on a pod that does not run as it should. */
    static Optional<String> ofPod(Json item, Instant now) {
        List<String> reasons = new ArrayList<>(pulls(item, now));
        String why = why(item, now);
        if (!why.isEmpty() && !why.endsWith(" is being pulled")) {
            reasons.addFirst(why);
        }
        return reasons.isEmpty()
                ? Optional.empty()
                : Optional.of(Table.printable(
                        "! " + item.at("pod", "metadata", "namespace").text() + "/"
                                + item.at("name").text() + ": " + String.join("; ", reasons)));
    }

    /** Why a pod does not run, and when that is tried again. */
    static String why(Json item, Instant now) {
        String why = item.at("why").text();
        return why.isEmpty() ? "" : why + retry(item.at("retryAt").moment(), now);
    }

    /** The images that a pod waits for, and how far their pulls are. */
    static List<String> pulls(Json item, Instant now) {
        return item.at("pulls").items().stream().map(pull -> pull(pull, now)).toList();
    }

    private static String pull(Json pull, Instant now) {
        String image = pull.at("image").text();
        Optional<Instant> begun = pull.at("begun").moment();
        if (begun.isEmpty()) {
            return "image " + image + " waits for its turn to be pulled for "
                    + Age.since(pull.at("since").moment(), now);
        }
        long done = pull.at("doneBytes").bytes();
        long total = pull.at("totalBytes").bytes();
        String progress = total > 0 ? ": " + mebibytes(done) + " of " + mebibytes(total) + " MiB" : "";
        return "pulling image " + image + " for " + Age.since(begun, now) + progress;
    }

    private static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f", bytes / 1048576.0);
    }

    static String retry(Optional<Instant> at, Instant now) {
        if (at.isEmpty()) {
            return "";
        }
        Duration left = Duration.between(now, at.get());
        return left.toSeconds() > 0 ? " (retry in " + Age.of(left) + ")" : " (retry now)";
    }
}
