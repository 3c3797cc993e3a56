package io.jubelet.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The lines below a table that tell what is wrong: files that are not accepted, and pods that do not run. */
final class Footer {

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

    /** One line on a pod that does not run as it should. */
    static Optional<String> ofPod(Json item, Instant now) {
        String why = why(item, now);
        return why.isEmpty()
                ? Optional.empty()
                : Optional.of(Table.printable(
                        "! " + item.at("pod", "metadata", "namespace").text() + "/"
                                + item.at("name").text() + ": " + why));
    }

    /** Why a pod does not run, and when that is tried again. */
    static String why(Json item, Instant now) {
        String why = item.at("why").text();
        return why.isEmpty() ? "" : why + retry(item.at("retryAt").moment(), now);
    }

    static String retry(Optional<Instant> at, Instant now) {
        if (at.isEmpty()) {
            return "";
        }
        Duration left = Duration.between(now, at.get());
        return left.toSeconds() > 0 ? " (retry in " + Age.of(left) + ")" : " (retry now)";
    }
}
