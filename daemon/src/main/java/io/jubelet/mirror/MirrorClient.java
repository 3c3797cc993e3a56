package io.jubelet.mirror;

import io.jubelet.kubeapi.ApiObject;
import io.jubelet.kubeapi.KubeApi;
import io.jubelet.kubeapi.KubeApiException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;

/** Puts actions to the API server. Safe for use by many threads; blocks. */
final class MirrorClient {

    /**
     * The API server shall give up before we do: what hangs is then the trouble of one mirror, perhaps because of somebody's
     * webhook, and not an API server that does not answer.
     */
    private static final String TIMEOUT = "?timeout=8s";

    private final KubeApi api;
    private final InstantSource clock;

    /** What became of an action. */
    sealed interface Outcome {

        /** A mirror is there, and the watch will come to this version. */
        record Created(long version) implements Outcome {}

        /** The API server has agreed to an end. */
        record Deleted() implements Outcome {}

        /** A status is written. */
        record Patched(MirrorRecord.SentStatus sent) implements Outcome {}

        /** There was no such object any more; the watch will tell. */
        record Gone() implements Outcome {}

        /** There is no such namespace, or there soon will be none. */
        record NoNamespace(String message) implements Outcome {}

        /**
         * The API server has refused.
         *
         * @param atLeast how long it wants to be left alone
         */
        record Rejected(String reason, String message, Duration atLeast) implements Outcome {}

        /** There was no answer. */
        record NoResponse(String message) implements Outcome {}
    }

    MirrorClient(KubeApi api, InstantSource clock) {
        this.api = Objects.requireNonNull(api, "api");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /**
     * Does one action.
     *
     * @param status of the pod in JSON, if that is to be written
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
                create.name().collection() + TIMEOUT, MirrorPodJson.of(create.pod(), create.nodeUid(), create.since()));
        return new Outcome.Created(version(made));
    }

    private Outcome delete(MirrorAction.Delete delete) throws InterruptedException {
        api.delete(delete.name().path() + TIMEOUT, """
                {"apiVersion":"v1","kind":"DeleteOptions","gracePeriodSeconds":0,"preconditions":{"uid":"%s"}}""".formatted(delete.uid()));
        return new Outcome.Deleted();
    }

    private Outcome patch(MirrorAction.PatchStatus patch, String status) throws InterruptedException {
        Instant at = clock.instant();
        ApiObject patched = api.patch(
                patch.name().path() + "/status" + TIMEOUT,
                KubeApi.Patch.STRATEGIC,
                MirrorStatusPatch.patch(patch.uid(), status));
        return new Outcome.Patched(new MirrorRecord.SentStatus(
                patch.uid(), patch.status(), ApiPod.digest(patched.json("status")), version(patched), at));
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

    /** A namespace that goes may come again, and then at once; only the message tells that case from others. */
    private static boolean isEnding(KubeApiException.ErrorStatus e) {
        return e.code() == 403 && e.getMessage().endsWith("because it is being terminated");
    }

    private static long version(ApiObject object) {
        return ApiPod.version(object.text("metadata", "resourceVersion"));
    }
}
