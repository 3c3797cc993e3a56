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
import java.util.Map;
import java.util.Optional;

/** The text of {@code describe pod}: the sections of kubectl, and besides them the file, the reasons and the plan. */
public final class PodDescription {

    private static final int COLUMN = 18;

    private final Json details;
    private final Json pod;
    private final Instant now;
    private final StringBuilder out = new StringBuilder();

    private PodDescription(Json details, Instant now) {
        this.details = details;
        this.pod = details.at("pod");
        this.now = now;
    }

    /** Formats the answer to a describe request. */
    public static String of(Json details, Instant now) {
        return new PodDescription(details, now).write();
    }

    private String write() {
        head();
        why();
        containers("Init Containers:", "initContainers", "initContainerStatuses");
        containers("Containers:", "containers", "containerStatuses");
        conditions();
        volumes();
        plan();
        out.append(EventRow.section(details.at("events").items(), now));
        return out.toString();
    }

    private void head() {
        Json status = pod.at("status");
        line(0, "Name:", pod.at("metadata", "name").text());
        line(0, "Namespace:", pod.at("metadata", "namespace").text());
        String host = status.at("hostIP").text();
        line(0, "Node:", pod.at("spec", "nodeName").text() + (host.isEmpty() ? "" : "/" + host));
        line(0, "Start Time:", orNone(status.at("startTime").text()));
        map("Labels:", pod.at("metadata", "labels").fields());
        map("Annotations:", pod.at("metadata", "annotations").fields());
        line(0, "Status:", PodRow.status(pod));
        optional(0, "Reason:", status.at("reason").text());
        line(0, "IP:", orNone(status.at("podIP").text()));
        line(
                0,
                "IPs:",
                orNone(String.join(
                        ", ",
                        status.at("podIPs").items().stream()
                                .map(ip -> ip.at("ip").text())
                                .toList())));
        line(0, "QoS Class:", status.at("qosClass").text());
        Json manifest = details.at("manifest");
        if (manifest.exists()) {
            line(
                    0,
                    "Manifest:",
                    manifest.at("path").text() + " (" + manifest.at("state").text() + " for "
                            + Age.since(manifest.at("lastTransitionTime").moment(), now) + ")");
            manifest.at("problems").items().forEach(problem -> line(2, "", ManifestRow.problem(problem)));
        } else {
            line(0, "Manifest:", "<none>");
        }
        String running = details.at("running", "hash").text();
        String wanted = details.at("desired", "hash").text();
        line(0, "Version:", orNone(running.isEmpty() ? wanted : running));
        if (!running.isEmpty() && !running.equals(wanted)) {
            line(0, "Next Version:", orNone(wanted));
        }
        line(0, "Lifecycle:", details.at("lifecycle").text());
        optional(0, "Mirror:", mirror(details.at("mirror")));
    }

    /** The state of the mirror pod; empty if the node is in no cluster. */
    private String mirror(Json mirror) {
        String state = mirror.at("state").text();
        String message = mirror.at("message").text();
        return switch (state) {
            case "created" -> "created with UID " + mirror.at("uid").text();
            case "rejected", "pending" ->
                state + ": " + message + nextTry(mirror.at("retryAt").moment());
            default -> "";
        };
    }

    private String nextTry(Optional<Instant> at) {
        if (at.isEmpty()) {
            return "";
        }
        Duration left = Duration.between(now, at.get());
        return "; next try " + (left.toSeconds() > 0 ? "in " + Age.of(left) : "now");
    }

    private void why() {
        String why = Footer.why(details, now);
        line(0, "Why:", why.isEmpty() ? "the pod has no problem" : why);
        Footer.pulls(details, now).forEach(pull -> line(0, "Pulling:", pull));
        for (Json step : details.at("steps").items()) {
            String mark = switch (step.at("outcome").text()) {
                case "ok" -> "ok";
                case "waiting" -> "..";
                default -> "!!";
            };
            out.append("  ").append(mark).append("  ");
            String stage = step.at("stage").text();
            out.append(stage).repeat(' ', Math.max(1, 11 - stage.length()));
            out.append(Table.printable(step.at("message").text()));
            out.append(Footer.retry(step.at("retryAt").moment(), now)).append('\n');
        }
    }

    private void containers(String label, String specs, String statuses) {
        List<Json> containers = pod.at("spec", specs).items();
        if (!containers.isEmpty()) {
            line(0, label, "");
            containers.forEach(container -> container(container, pod.at("status", statuses)));
        }
    }

    private void container(Json spec, Json statuses) {
        String name = spec.at("name").text();
        Json status = statuses.items().stream()
                .filter(candidate -> candidate.at("name").text().equals(name))
                .findFirst()
                .orElse(new Json(null));
        line(2, name + ":", "");
        line(4, "Container ID:", orNone(status.at("containerID").text()));
        line(4, "Image:", spec.at("image").text());
        line(4, "Image ID:", orNone(status.at("imageID").text()));
        words(
                "Ports:",
                spec.at("ports").items().stream().map(PodDescription::port).toList());
        words("Command:", spec.at("command").items().stream().map(Json::text).toList());
        words("Args:", spec.at("args").items().stream().map(Json::text).toList());
        state("State:", status.at("state"));
        if (!status.at("lastState").fields().isEmpty()) {
            state("Last State:", status.at("lastState"));
        }
        line(4, "Ready:", status.at("ready").isTrue() ? "True" : "False");
        line(4, "Restart Count:", Integer.toString(status.at("restartCount").number()));
        words("Limits:", pairs(spec.at("resources", "limits")));
        words("Requests:", pairs(spec.at("resources", "requests")));
        probe("Liveness:", spec.at("livenessProbe"));
        probe("Readiness:", spec.at("readinessProbe"));
        probe("Startup:", spec.at("startupProbe"));
        words(
                "Environment:",
                spec.at("env").items().stream().map(PodDescription::env).toList());
        words(
                "Mounts:",
                spec.at("volumeMounts").items().stream()
                        .map(PodDescription::mount)
                        .toList());
    }

    private void probe(String label, Json probe) {
        if (probe.exists()) {
            line(4, label, ProbeText.of(probe));
        }
    }

    private static String env(Json env) {
        Json from = env.at("valueFrom");
        String field = from.at("fieldRef", "fieldPath").text();
        String resource = from.at("resourceFieldRef", "resource").text();
        Json key = from.at("fileKeyRef");
        String source = !field.isEmpty()
                ? "(field " + field + ")"
                : !resource.isEmpty()
                        ? "(resource " + resource + ")"
                        : key.exists()
                                ? "(key " + key.at("key").text() + " of "
                                        + key.at("path").text() + " in volume "
                                        + key.at("volumeName").text() + ")"
                                : env.at("value").text();
        return env.at("name").text() + "=" + source;
    }

    private static String port(Json port) {
        String protocol = port.at("protocol").text();
        int host = port.at("hostPort").number();
        return port.at("containerPort").number() + "/" + (protocol.isEmpty() ? "TCP" : protocol)
                + (host > 0 ? " on host port " + host : "");
    }

    private static String mount(Json mount) {
        return mount.at("mountPath").text() + " from " + mount.at("name").text()
                + (mount.at("readOnly").isTrue() ? " (ro)" : " (rw)");
    }

    private static List<String> pairs(Json object) {
        return object.fields().entrySet().stream()
                .map(field -> field.getKey() + "=" + field.getValue().text())
                .toList();
    }

    private void state(String label, Json state) {
        for (Map.Entry<String, Json> field : state.fields().entrySet()) {
            String word = field.getKey();
            Json facts = field.getValue();
            line(4, label, word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1));
            optional(6, "Reason:", facts.at("reason").text());
            optional(6, "Message:", facts.at("message").text());
            optional(6, "Exit Code:", facts.at("exitCode").text());
            optional(6, "Started:", facts.at("startedAt").text());
            optional(6, "Finished:", facts.at("finishedAt").text());
        }
    }

    private void conditions() {
        line(0, "Conditions:", "");
        out.append("  Type").repeat(' ', 24).append("Status  Since\n");
        for (Json condition : pod.at("status", "conditions").items()) {
            String type = Table.printable(condition.at("type").text());
            String status = condition.at("status").text();
            out.append("  ").append(type).repeat(' ', Math.max(1, 28 - type.length()));
            out.append(status).repeat(' ', Math.max(1, 8 - status.length()));
            out.append(Age.since(condition.at("lastTransitionTime").moment(), now));
            String message = condition.at("message").text();
            out.append(message.isEmpty() ? "" : "  " + Table.printable(message)).append('\n');
        }
    }

    private void volumes() {
        List<Json> volumes = pod.at("spec", "volumes").items();
        line(0, "Volumes:", volumes.isEmpty() ? "<none>" : "");
        for (Json volume : volumes) {
            List<String> words = new ArrayList<>();
            volume.fields().forEach((field, source) -> {
                if (!field.equals("name")) {
                    words.add(field);
                    words.addAll(pairs(source));
                }
            });
            line(2, volume.at("name").text() + ":", words.isEmpty() ? "emptyDir" : String.join(" ", words));
        }
    }

    private void plan() {
        List<Json> actions = details.at("plan", "actions").items();
        Optional<Instant> due = details.at("plan", "nextRunAt").moment();
        line(0, "Plan:", actions.isEmpty() ? "nothing to do" + later(due) : "");
        actions.forEach(action -> line(2, "", action(action)));
        Json doing = details.at("inProgress");
        if (doing.exists()) {
            line(
                    0,
                    "In Progress:",
                    action(doing.at("action")) + " (for "
                            + Age.since(doing.at("startedAt").moment(), now) + ")");
        }
        optional(0, "Runtime:", details.at("runtimeError").text());
    }

    private String later(Optional<Instant> due) {
        return due.filter(now::isBefore)
                .map(then -> " for " + Age.of(Duration.between(now, then)))
                .orElse("");
    }

    private static String action(Json action) {
        String target = action.at("target").text();
        return action.at("action").text() + (target.isEmpty() ? "" : " " + target) + ": "
                + action.at("reason").text();
    }

    private void map(String label, Map<String, Json> fields) {
        if (fields.isEmpty()) {
            line(0, label, "<none>");
        }
        String next = label;
        for (Map.Entry<String, Json> field : fields.entrySet()) {
            line(0, next, field.getKey() + "=" + field.getValue().text());
            next = "";
        }
    }

    /** A list of a container; left out if it is empty. */
    private void words(String label, List<String> words) {
        String next = label;
        for (String word : words) {
            line(4, next, word);
            next = "";
        }
    }

    private void optional(int indent, String label, String text) {
        if (!text.isEmpty()) {
            line(indent, label, text);
        }
    }

    private void line(int indent, String label, String text) {
        String safe = Table.printable(label);
        out.repeat(' ', indent).append(safe);
        if (!text.isEmpty()) {
            int column = safe.isEmpty() && indent == 2 ? indent : indent + COLUMN;
            out.repeat(' ', Math.max(safe.isEmpty() ? 0 : 1, column - indent - safe.length()));
            out.append(Table.printable(text));
        }
        out.append('\n');
    }

    private static String orNone(String text) {
        return text.isEmpty() ? "<none>" : text;
    }
}
