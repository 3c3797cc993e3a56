/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.lite.ProtoLiteUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.jubelet.cri.proto.GrpcHealth.HealthCheckRequest;
import io.jubelet.cri.proto.GrpcHealth.HealthCheckResponse;
import io.jubelet.cri.proto.GrpcHealth.HealthCheckResponse.ServingStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The program of a container that implements {@code grpc.health.v1.Health}: it serves as long as the file it is given says
 * so, and says in what way it does not serve otherwise.
 */
final class HealthServer {

    private HealthServer() {}

    /** @param arguments port, and the path of a file that holds a word of the protocol, such as {@code NOT_SERVING} */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path word = Path.of(arguments[1]);
        Server server = NettyServerBuilder.forPort(Integer.parseInt(arguments[0]))
                .addService(service(word))
                .build()
                .start();
        server.awaitTermination();
    }

    private static ServerServiceDefinition service(Path word) {
        MethodDescriptor<HealthCheckRequest, HealthCheckResponse> check =
                MethodDescriptor.<HealthCheckRequest, HealthCheckResponse>newBuilder()
                        .setType(MethodDescriptor.MethodType.UNARY)
                        .setFullMethodName("grpc.health.v1.Health/Check")
                        .setRequestMarshaller(ProtoLiteUtils.marshaller(HealthCheckRequest.getDefaultInstance()))
                        .setResponseMarshaller(ProtoLiteUtils.marshaller(HealthCheckResponse.getDefaultInstance()))
                        .build();
        return ServerServiceDefinition.builder("grpc.health.v1.Health")
                .addMethod(check, ServerCalls.asyncUnaryCall((_, answer) -> answer(word, answer)))
                .build();
    }

    private static void answer(Path word, StreamObserver<HealthCheckResponse> answer) {
        try {
            ServingStatus status = ServingStatus.valueOf(Files.readString(word).strip());
            answer.onNext(HealthCheckResponse.newBuilder().setStatus(status).build());
            answer.onCompleted();
        } catch (IOException e) {
            answer.onError(e);
        }
    }

    /** The command line that runs it on port 50051, by the programs of the host. */
    static List<String> command(String wordFile) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx64m",
                "-cp",
                Commands.classPath(),
                HealthServer.class.getName(),
                "50051",
                wordFile);
    }
}
