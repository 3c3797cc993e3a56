/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.mirror;

import io.jubelet.document.FieldSelection;
import io.jubelet.document.JsonText;
import io.jubelet.kubeapi.ApiObject;
import io.jubelet.kubeapi.KubeApi;
import io.jubelet.kubeapi.KubeApiException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;

/** Executes actions at the API server. Safe for use by many threads; blocks. */
final class MirrorClient {

    /**
     * Shorter than the client's own timeout: a request that hangs, for example in a webhook, then
     * fails for one mirror pod only and is not mistaken for an outage.
     */
    private static final String TIMEOUT = "?timeout=8s";

    private static final FieldSelection VERSION = FieldSelection.NOTHING.with("metadata", "resourceVersion");
    private static final FieldSelection VERSION_AND_STATUS =
            VERSION.with(FieldSelection.NOTHING.withDigest(), "status");

    private final KubeApi api;
    private final InstantSource clock;

    /** The outcome of an action. */
    sealed interface Outcome {

        /** The mirror pod was created; the watch will deliver this version. */
        record Created(long version) implements Outcome {}

        /** The API server accepted the deletion. */
        record Deleted() implements Outcome {}

        /** The status was written. */
        record Patched(MirrorRecord.SentStatus sent) implements Outcome {}

        /** The pod no longer exists; the watch will deliver that. */
        record Gone() implements Outcome {}

        /** The namespace does not exist, or is being terminated. */
        record NoNamespace(String message) implements Outcome {}

        /**
         * The API server rejected the request.
         *
         * @param atLeast the delay that the API server asked for
         */
        record Rejected(String reason, String message, Duration atLeast) implements Outcome {

            /** Returns whether there is a pod of that name already. */
            boolean isNameTaken() {
                return reason.equals("409AlreadyExists");
            }
        }

        /** There was no response. */
        record NoResponse(String message) implements Outcome {}
    }

    MirrorClient(KubeApi api, InstantSource clock) {
        this.api = Objects.requireNonNull(api, "api");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /**
     * Executes an action.
     *
     * @param status the pod's status in JSON, if the action writes it; otherwise ignored
     */
    Outcome execute(MirrorAction action, String status) throws InterruptedException {
        try {
            return switch (action) {
                case MirrorAction.Create create -> create(create);
                case MirrorAction.Delete delete -> delete(delete);
                case MirrorAction.PatchStatus patch -> patch(patch, status);
            };
        } catch (KubeApiException.ErrorStatus e) {
            return refused(action, e);
        } catch (KubeApiException.Unreachable | KubeApiException.NoCredentials e) {
            return new Outcome.NoResponse(e.getMessage());
        }
    }

    private Outcome create(MirrorAction.Create create) throws InterruptedException {
        ApiObject made = api.create(
                create.name().collection() + TIMEOUT,
                MirrorPodJson.of(create.pod(), create.nodeUid(), create.since()),
                VERSION);
        return new Outcome.Created(version(made));
    }

    private Outcome delete(MirrorAction.Delete delete) throws InterruptedException {
        api.delete(delete.name().path() + TIMEOUT, JsonText.write(out -> {
            out.writeStartObject();
            out.writeStringField("apiVersion", "v1");
            out.writeStringField("kind", "DeleteOptions");
            out.writeNumberField("gracePeriodSeconds", 0);
            out.writeObjectFieldStart("preconditions");
            out.writeStringField("uid", delete.uid());
            out.writeEndObject();
            out.writeEndObject();
        }));
        return new Outcome.Deleted();
    }

    private Outcome patch(MirrorAction.PatchStatus patch, String status) throws InterruptedException {
        Instant at = clock.instant();
        ApiObject patched = api.patch(
                patch.name().path() + "/status" + TIMEOUT,
                KubeApi.Patch.STRATEGIC,
                MirrorStatusPatch.patch(patch.uid(), status),
                VERSION_AND_STATUS);
        return new Outcome.Patched(new MirrorRecord.SentStatus(
                patch.uid(), patch.status(), patched.digest("status"), version(patched), at));
    }

    private static Outcome refused(MirrorAction action, KubeApiException.ErrorStatus e) {
        boolean creates = action instanceof MirrorAction.Create;
        if (creates && (e.isNotFound() || isEnding(e))) {
            return new Outcome.NoNamespace(e.getMessage());
        }
        if (!creates && (e.isNotFound() || e.isConflict())) {
            return new Outcome.Gone();
        }
        String reason = e.code() + e.reason();
        return new Outcome.Rejected(reason, e.getMessage(), e.retryAfter().orElse(Duration.ZERO));
    }

    /**
     * A namespace that is being terminated can be created again. Only the message distinguishes
     * this case.
     */
    private static boolean isEnding(KubeApiException.ErrorStatus e) {
        return e.code() == 403 && e.getMessage().endsWith("because it is being terminated");
    }

    private static long version(ApiObject object) {
        return ApiPod.version(object.text("metadata", "resourceVersion"));
    }
}
