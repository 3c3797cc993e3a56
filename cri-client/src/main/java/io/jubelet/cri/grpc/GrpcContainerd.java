/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import io.jubelet.cri.Containerd;
import io.jubelet.cri.proto.ContainerdContainers;
import io.jubelet.cri.proto.ContainerdContent;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/** The services of containerd itself over gRPC; each method makes one call. */
final class GrpcContainerd implements Containerd {

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
        content.forEach(
                "List",
                ContainerdContent.ListContentRequest.newBuilder()
                        .addFilters("labels.\"" + label + "\"")
                        .build(),
                ContainerdContent.ListContentResponse.getDefaultInstance(),
                part -> part.getInfoList()
                        .forEach(i -> blobs.add(new Blob(i.getDigest(), i.getSize(), i.getLabelsMap()))));
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
                part -> bytes.writeBytes(part.getData().toByteArray()));
        return bytes.toByteArray();
    }

    @Override
    public List<String> containerImages() {
        var answer = containers.call(
                "List",
                ContainerdContainers.ListContainersRequest.getDefaultInstance(),
                ContainerdContainers.ListContainersResponse.getDefaultInstance());
        return ValueMapping.map(answer.getContainersList(), ContainerdContainers.Container::getImage);
    }
}
