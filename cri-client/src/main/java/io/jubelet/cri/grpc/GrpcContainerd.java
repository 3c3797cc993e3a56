/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import io.jubelet.cri.Containerd;
import io.jubelet.cri.CriException;
import io.jubelet.cri.http2.GrpcStatus;
import io.jubelet.cri.proto.ContainerdContainers;
import io.jubelet.cri.proto.ContainerdContent;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/** The services of containerd itself over gRPC; each method makes one call. */
final class GrpcContainerd implements Containerd {

    /**
     * The maximum number of labels of all blobs of a list. The label that the list is about counts
     * for each blob, and each reference of a manifest is a label, so an image has some tens. An
     * image index can name as many manifests as its author likes.
     */
    static final int MAX_LABELS = 20_000;

    private final GrpcStub content;
    private final GrpcStub containers;

    GrpcContainerd(GrpcStub content, GrpcStub containers) {
        this.content = content;
        this.containers = containers;
    }

    @Override
    public List<Download> downloads() {
        return content.list(
                "ListStatuses",
                ContainerdContent.ListStatusesRequest.getDefaultInstance(),
                ContainerdContent.Status.getDefaultInstance(),
                s -> new Download(digest(s), s.getOffset(), s.getTotal()));
    }

    /** If the expected digest is not set, the reference contains it: {@code layer-sha256:...}. */
    private static String digest(ContainerdContent.Status status) {
        String ref = status.getRef();
        return status.getExpected().isEmpty() ? ref.substring(ref.indexOf('-') + 1) : status.getExpected();
    }

    @Override
    public List<Blob> blobs(String label) {
        List<Blob> blobs = new ArrayList<>();
        int[] labels = {0};
        content.forEach(
                "List",
                ContainerdContent.ListContentRequest.newBuilder()
                        .addFilters("labels.\"" + label + "\"")
                        .build(),
                ContainerdContent.ListContentResponse.getDefaultInstance(),
                part -> {
                    for (ContainerdContent.Info info : part.getInfoList()) {
                        labels[0] += info.getLabelsCount();
                        if (labels[0] > MAX_LABELS) {
                            throw new CriException.Rejected(
                                    "List",
                                    GrpcStatus.Code.RESOURCE_EXHAUSTED.name(),
                                    "the blobs with the label " + label + " have more than " + MAX_LABELS + " labels");
                        }
                        blobs.add(new Blob(info.getDigest(), info.getSize(), info.getLabelsMap()));
                    }
                });
        return blobs;
    }

    @Override
    public byte[] readContent(String digest, int maxBytes) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        content.forEach(
                "Read",
                ContainerdContent.ReadContentRequest.newBuilder()
                        .setDigest(digest)
                        .setSize(maxBytes)
                        .build(),
                ContainerdContent.ReadContentResponse.getDefaultInstance(),
                part -> {
                    byte[] data = part.getData().toByteArray();
                    bytes.write(data, 0, Math.min(data.length, maxBytes - bytes.size()));
                });
        return bytes.toByteArray();
    }

    /**
     * A message of the stream has one container with its whole configuration, of which the name of
     * the image is kept.
     */
    @Override
    public List<String> containerImages() {
        List<String> images = new ArrayList<>();
        containers.forEach(
                "ListStream",
                ContainerdContainers.ListContainersRequest.getDefaultInstance(),
                ContainerdContainers.ListContainerMessage.getDefaultInstance(),
                part -> images.add(part.getContainer().getImage()));
        return images;
    }
}
