package io.jubelet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PodRowTest {

    private static final String READY = "{'ready':true,'state':{'running':{}}}";
    private static final String COMPLETED = "{'state':{'terminated':{'reason':'Completed'}}}";

    @ParameterizedTest(name = "[{index}] {0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "Running           | {'status':{'phase':'Running','containerStatuses':[READY]}}",
                "Pending           | {'status':{'phase':'Pending'}}",
                "Evicted           | {'status':{'phase':'Failed','reason':'Evicted'}}",
                "CrashLoopBackOff  | {'status':{'phase':'Running','containerStatuses':[{'state':{'waiting':{'reason':"
                        + "'CrashLoopBackOff'}}},READY]}}",
                "Error             | {'status':{'phase':'Failed','containerStatuses':[{'state':{'terminated':{'reason':"
                        + "'Error'}}}]}}",
                "ExitCode:3        | {'status':{'phase':'Failed','containerStatuses':[{'state':{'terminated':{"
                        + "'exitCode':3}}}]}}",
                "Completed         | {'status':{'phase':'Succeeded','containerStatuses':[COMPLETED]}}",
                "NotReady          | {'status':{'phase':'Running','containerStatuses':[COMPLETED,READY]}}",
                "Running           | {'status':{'phase':'Running','conditions':[{'type':'Ready','status':'True'}],"
                        + "'containerStatuses':[COMPLETED,READY]}}",
                "Terminating       | {'metadata':{'deletionTimestamp':'2026-01-01T00:00:00Z'},'status':{'phase':"
                        + "'Running','containerStatuses':[READY]}}",
                "Completed         | {'metadata':{'deletionTimestamp':'2026-01-01T00:00:00Z'},'status':{'phase':"
                        + "'Succeeded','containerStatuses':[COMPLETED]}}"
            },
            quoteCharacter = '"')
    void statusIsTheWordOfKubectl(String word, String pod) throws IOException {
        String json =
                pod.replace("READY", READY).replace("COMPLETED", COMPLETED).replace('\'', '"');
        assertEquals(word, PodRow.status(Json.read(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)))));
    }
}
