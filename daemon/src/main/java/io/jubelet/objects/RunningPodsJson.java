/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.objects;

import io.jubelet.document.JsonText;
import io.jubelet.observed.RunningPods.ContainerImage;
import io.jubelet.observed.RunningPods.RunningPod;
import java.util.List;

/** Writes what runs on the runtime as a v1 PodList that has as little as that of the kubelet. Stateless. */
public final class RunningPodsJson {

    private RunningPodsJson() {}

    /** A PodList with the names of pods and containers, and the images. */
    public static String list(List<RunningPod> pods) {
        return JsonText.write(out -> {
            out.writeStartObject();
            out.writeStringField("kind", "PodList");
            out.writeStringField("apiVersion", "v1");
            out.writeObjectFieldStart("metadata");
            out.writeEndObject();
            out.writeArrayFieldStart("items");
            for (RunningPod pod : pods) {
                out.writeStartObject();
                out.writeObjectFieldStart("metadata");
                out.writeStringField("name", pod.name());
                out.writeStringField("namespace", pod.namespace());
                out.writeStringField("uid", pod.uid());
                out.writeEndObject();
                out.writeObjectFieldStart("spec");
                out.writeArrayFieldStart("containers");
                for (ContainerImage container : pod.containers()) {
                    out.writeStartObject();
                    out.writeStringField("name", container.container());
                    out.writeStringField("image", container.image());
                    out.writeObjectFieldStart("resources");
                    out.writeEndObject();
                    out.writeEndObject();
                }
                out.writeEndArray();
                out.writeEndObject();
                out.writeObjectFieldStart("status");
                out.writeEndObject();
                out.writeEndObject();
            }
            out.writeEndArray();
            out.writeEndObject();
        });
    }
}
