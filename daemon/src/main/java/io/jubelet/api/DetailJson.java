/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import com.fasterxml.jackson.core.JsonGenerator;
import io.jubelet.desired.Manifest;
import io.jubelet.document.Finding;
import io.jubelet.events.Event;
import io.jubelet.objects.EventJson;
import io.jubelet.objects.MirrorState;
import io.jubelet.objects.PodJson;
import io.jubelet.plan.ActionFailure;
import io.jubelet.plan.PodAction;
import io.jubelet.plan.PodLifecycle;
import io.jubelet.plan.PullProgress;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.reconcile.PodView;
import io.jubelet.status.Explanation;
import io.jubelet.status.PodReport;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Writes what is not part of the v1 API: manifests, explanations, plans. */
final class DetailJson {

    private final PodJson pods;
    private final EventJson events;
    private final Sources.PullSource pulls;
    private final ClusterSource cluster;

    DetailJson(PodJson pods, EventJson events, Sources sources) {
        this.pods = pods;
        this.events = events;
        this.pulls = sources.pulls();
        this.cluster = sources.cluster();
    }

    /** Writes a pod and the reason why it does not run, as a table of pods needs it. */
    void summary(JsonGenerator out, PodReport report, Optional<Manifest> manifest) throws IOException {
        out.writeStartObject();
        writeSummary(out, report, Explanation.of(report, manifest));
        out.writeEndObject();
    }

    /**
     * Writes a pod with its explanation, plan and events.
     *
     * @param happened all events, of which those of this pod are written
     */
    void describe(JsonGenerator out, PodReport report, Optional<Manifest> manifest, List<Event> happened)
            throws IOException {
        Explanation explanation = Explanation.of(report, manifest);
        PodView view = report.view();
        out.writeStartObject();
        writeSummary(out, report, explanation);
        out.writeArrayFieldStart("steps");
        for (Explanation.Step step : explanation.steps()) {
            out.writeStartObject();
            out.writeStringField("stage", lower(step.stage()));
            out.writeStringField("outcome", lower(step.outcome()));
            out.writeStringField("message", step.message());
            PodJson.moment(out, "retryAt", step.retryAt());
            out.writeEndObject();
        }
        out.writeEndArray();
        if (manifest.isPresent()) {
            out.writeFieldName("manifest");
            manifest(out, manifest.get());
        }
        version(out, "running", view.running());
        version(out, "desired", view.wanted());
        out.writeStringField("lifecycle", lifecycle(view.lifecycle()));
        mirror(out, cluster.mirror(report.name()));
        plan(out, view);
        out.writeArrayFieldStart("events");
        for (Event event : happened) {
            if (!event.object().ofNode() && event.pod().equals(report.name())) {
                events.write(out, event);
            }
        }
        out.writeEndArray();
        out.writeStringField("observedAt", view.at().toString());
        out.writeEndObject();
    }

    /** Writes the versions of a pod with their documents, as their manifests have them. */
    void versions(JsonGenerator out, PodReport report, Optional<Manifest> manifest) throws IOException {
        out.writeStartObject();
        if (manifest.isPresent()) {
            out.writeStringField("manifest", manifest.get().path());
        }
        withDocument(out, "running", report.view().running());
        withDocument(out, "desired", report.view().wanted());
        out.writeEndObject();
    }

    private static void withDocument(JsonGenerator out, String field, Optional<Pod> version) throws IOException {
        if (version.isPresent()) {
            out.writeObjectFieldStart(field);
            out.writeStringField("hash", version.get().hash());
            out.writeFieldName("document");
            out.writeRawValue(version.get().document());
            out.writeEndObject();
        }
    }

    private void writeSummary(JsonGenerator out, PodReport report, Explanation explanation) throws IOException {
        out.writeStringField("name", report.name().name());
        if (explanation.reason().isPresent()) {
            out.writeStringField("reason", explanation.reason().get());
            out.writeStringField("message", explanation.message().orElseThrow());
        }
        PodJson.moment(out, "retryAt", explanation.retryAt());
        if (explanation.pulling()) {
            out.writeBooleanField("pulling", true);
        }
        pulls(out, pulls.of(report.name()));
        out.writeFieldName("pod");
        pods.write(out, report);
    }

    private static void mirror(JsonGenerator out, Optional<MirrorState> mirror) throws IOException {
        if (mirror.isEmpty()) {
            return;
        }
        out.writeObjectFieldStart("mirror");
        switch (mirror.get()) {
            case MirrorState.Created kept -> {
                out.writeStringField("state", "created");
                out.writeStringField("uid", kept.uid());
            }
            case MirrorState.Pending waiting -> {
                out.writeStringField("state", "pending");
                out.writeStringField("message", waiting.message());
            }
            case MirrorState.Rejected refused -> {
                out.writeStringField("state", "rejected");
                out.writeStringField("message", refused.message());
                PodJson.moment(out, "retryAt", refused.retryAt());
            }
        }
        out.writeEndObject();
    }

    private static void pulls(JsonGenerator out, List<PullProgress> pulls) throws IOException {
        if (pulls.isEmpty()) {
            return;
        }
        out.writeArrayFieldStart("pulls");
        for (PullProgress pull : pulls) {
            out.writeStartObject();
            out.writeStringField("image", pull.image());
            PodJson.moment(out, "queuedAt", Optional.of(pull.since()));
            PodJson.moment(out, "startedAt", pull.begun());
            out.writeNumberField("transferredBytes", pull.doneBytes());
            out.writeNumberField("totalBytes", pull.totalBytes());
            out.writeEndObject();
        }
        out.writeEndArray();
    }

    private static void version(JsonGenerator out, String field, Optional<Pod> version) throws IOException {
        if (version.isPresent()) {
            out.writeObjectFieldStart(field);
            out.writeStringField("uid", version.get().uid());
            out.writeStringField("hash", version.get().hash());
            out.writeStringField("source", version.get().source());
            out.writeEndObject();
        }
    }

    private static void plan(JsonGenerator out, PodView view) throws IOException {
        out.writeObjectFieldStart("plan");
        out.writeArrayFieldStart("actions");
        for (PodAction action : view.plan().actions()) {
            action(out, action);
        }
        out.writeEndArray();
        PodJson.moment(out, "nextRunAt", view.plan().due());
        out.writeEndObject();
        if (view.inProgress().isPresent()) {
            out.writeObjectFieldStart("inProgress");
            out.writeFieldName("action");
            action(out, view.inProgress().get().action());
            PodJson.moment(out, "startedAt", Optional.of(view.inProgress().get().since()));
            out.writeEndObject();
        }
        out.writeArrayFieldStart("failures");
        for (Map.Entry<String, ActionFailure> failure : view.failures().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .toList()) {
            out.writeStartObject();
            out.writeStringField("container", failure.getKey());
            out.writeStringField("reason", failure.getValue().reason());
            out.writeStringField("message", failure.getValue().message());
            out.writeNumberField("count", failure.getValue().count());
            PodJson.moment(out, "retryAt", Optional.of(failure.getValue().retryAt()));
            out.writeEndObject();
        }
        out.writeEndArray();
        if (view.runtimeProblem().isPresent()) {
            out.writeStringField("runtimeError", view.runtimeProblem().get());
        }
    }

    private static void action(JsonGenerator out, PodAction action) throws IOException {
        out.writeStartObject();
        out.writeStringField("action", action.getClass().getSimpleName());
        out.writeStringField("target", subject(action));
        out.writeStringField("reason", action.reason());
        out.writeEndObject();
    }

    private static String subject(PodAction action) {
        return switch (action) {
            case PodAction.EnsureImage image -> image.image();
            case PodAction.PrepareUpdate update -> update.pod().uid();
            case PodAction.CreateSandbox sandbox -> "attempt " + sandbox.attempt();
            case PodAction.StartContainer start -> start.container() + " attempt " + start.attempt();
            case PodAction.CreateContainer create -> create.instance().container();
            case PodAction.StartCreated start -> start.container();
            case PodAction.StopContainers stop ->
                stop.count() + (stop.count() == 1 ? " container" : " containers") + ", grace "
                        + stop.gracePeriod().toSeconds() + "s";
            case PodAction.StopSandbox stop -> stop.id().value();
            case PodAction.RemoveContainer remove -> remove.container() + " attempt " + remove.attempt();
            case PodAction.RemoveSandbox remove -> remove.id().value();
            case PodAction.EmptyVolumes empty -> empty.pod().uid();
            case PodAction.RecordEnd ended -> ended.pod().uid();
            case PodAction.RemoveDirectories remove -> remove.uid();
        };
    }

    private static String lifecycle(PodLifecycle lifecycle) {
        return switch (lifecycle) {
            case PodLifecycle.Syncing _ -> "syncing";
            case PodLifecycle.Terminating ending -> "terminating: " + ending.reason();
            case PodLifecycle.Terminated _ -> "terminated";
        };
    }

    /** Writes one entry of the manifest directory. */
    void manifest(JsonGenerator out, Manifest manifest) throws IOException {
        out.writeStartObject();
        out.writeStringField("path", manifest.path());
        out.writeStringField("state", state(manifest.state()));
        out.writeArrayFieldStart("pods");
        for (PodName pod : manifest.pods()) {
            out.writeString(pod.toString());
        }
        out.writeEndArray();
        if (!manifest.configs().isEmpty()) {
            out.writeArrayFieldStart("configObjects");
            for (String config : manifest.configs()) {
                out.writeString(config);
            }
            out.writeEndArray();
        }
        if (!manifest.held().isEmpty()) {
            out.writeArrayFieldStart("heldPods");
            for (PodName pod : manifest.held()) {
                out.writeString(pod.toString());
            }
            out.writeEndArray();
        }
        out.writeArrayFieldStart("problems");
        for (Finding problem : manifest.problems()) {
            out.writeStartObject();
            out.writeNumberField("line", problem.line());
            out.writeNumberField("column", problem.column());
            out.writeStringField("field", problem.field().orElse(""));
            out.writeStringField("message", problem.message());
            out.writeEndObject();
        }
        out.writeEndArray();
        PodJson.moment(out, "lastTransitionTime", Optional.of(manifest.since()));
        out.writeEndObject();
    }

    private static String state(Manifest.State state) {
        return switch (state) {
            case ACCEPTED -> "Accepted";
            case REFUSED -> "Refused";
            case PARTLY_REFUSED -> "PartlyRefused";
            case IGNORED -> "Ignored";
            case NOT_READ -> "NotRead";
            case CONFLICT -> "Conflict";
            case BEING_WRITTEN -> "BeingWritten";
            case UNREADABLE -> "Unreadable";
            case EMPTY -> "Empty";
        };
    }

    private static String lower(Enum<?> word) {
        return word.name().toLowerCase(Locale.ROOT);
    }
}
