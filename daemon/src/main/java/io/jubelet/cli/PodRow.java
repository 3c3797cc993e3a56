package io.jubelet.cli;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One pod as a row of {@code get pods}: the columns, and the words in them, are those of kubectl. */
final class PodRow {

    private PodRow() {}

    static List<String> header(boolean wide) {
        List<String> header = new ArrayList<>(List.of("NAMESPACE", "NAME", "READY", "STATUS", "RESTARTS", "AGE"));
        if (wide) {
            header.addAll(List.of("IP", "NODE", "REASON"));
        }
        return header;
    }

    /**
     * The cells of a pod.
     *
     * @param item an item of {@code /jubelet/v1/pods}
     */
    static List<String> of(Json item, boolean wide, Instant now) {
        Json pod = item.at("pod");
        List<Json> containers = pod.at("status", "containerStatuses").items();
        long ready = containers.stream()
                .filter(container -> container.at("ready").isTrue()
                        && container.at("state", "running").exists())
                .count();
        List<String> row = new ArrayList<>(List.of(
                pod.at("metadata", "namespace").text(),
                pod.at("metadata", "name").text(),
                ready + "/" + containers.size(),
                status(pod),
                restarts(containers, now),
                Age.since(pod.at("metadata", "creationTimestamp").moment(), now)));
        if (wide) {
            String ip = pod.at("status", "podIP").text();
            String why = Footer.why(item, now);
            row.addAll(List.of(
                    ip.isEmpty() ? "<none>" : ip, pod.at("spec", "nodeName").text(), why.isEmpty() ? "<none>" : why));
        }
        return row;
    }

    /** The status word as kubectl prints it. */
    static String status(Json pod) {
        String phase = pod.at("status", "phase").text();
        String word = pod.at("status", "reason").text();
        if (word.isEmpty()) {
            word = phase;
        }
        boolean running = false;
        for (Json container : pod.at("status", "containerStatuses").items().reversed()) {
            Json state = container.at("state");
            String waiting = state.at("waiting", "reason").text();
            if (!waiting.isEmpty()) {
                word = waiting;
            } else if (state.at("terminated").exists()) {
                String reason = state.at("terminated", "reason").text();
                word = reason.isEmpty()
                        ? "ExitCode:" + state.at("terminated", "exitCode").number()
                        : reason;
            } else if (container.at("ready").isTrue() && state.at("running").exists()) {
                running = true;
            }
        }
        if (word.equals("Completed") && running) {
            word = readyCondition(pod) ? "Running" : "NotReady";
        }
        boolean terminal = phase.equals("Succeeded") || phase.equals("Failed");
        return pod.at("metadata", "deletionTimestamp").exists() && !terminal ? "Terminating" : word;
    }

    private static boolean readyCondition(Json pod) {
        return pod.at("status", "conditions").items().stream()
                .anyMatch(condition -> condition.at("type").text().equals("Ready")
                        && condition.at("status").text().equals("True"));
    }

    private static String restarts(List<Json> containers, Instant now) {
        int restarts = containers.stream()
                .mapToInt(container -> container.at("restartCount").number())
                .sum();
        Optional<Instant> last = containers.stream()
                .flatMap(container -> container.at("lastState", "terminated", "finishedAt").moment().stream())
                .max(Instant::compareTo);
        return restarts == 0 || last.isEmpty()
                ? Integer.toString(restarts)
                : restarts + " (" + Age.since(last, now) + " ago)";
    }
}
