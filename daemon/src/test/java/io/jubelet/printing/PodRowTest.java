/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.printing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
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
        assertEquals(word, PodRow.status(read(pod)));
    }

    /** A pod with an init container i, a sidecar s and two main containers, of which nothing is ready. */
    @ParameterizedTest(name = "[{index}] {0} {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "Init:0/2               | 0/3 | 0 | {'name':'i','state':{'running':{}}},SIDECAR | MAIN | False",
                "Init:Error             | 0/3 | 0 | {'name':'i','state':{'terminated':{'exitCode':1,'reason':'Error'}}} |"
                        + " MAIN | False",
                "Init:OOMKilled         | 0/3 | 0 | {'name':'i','state':{'terminated':{'exitCode':137,'reason':"
                        + "'OOMKilled'}}} | MAIN | False",
                "Init:ExitCode:3        | 0/3 | 0 | {'name':'i','state':{'terminated':{'exitCode':3}}} | MAIN | False",
                "Init:CrashLoopBackOff  | 0/3 | 4 | {'name':'i','restartCount':4,'state':{'waiting':{'reason':"
                        + "'CrashLoopBackOff'}}} | MAIN | False",
                "Init:1/2               | 0/3 | 2 | {'name':'i','restartCount':2,'state':{'terminated':{'exitCode':0}}},"
                        + "{'name':'s','state':{'running':{}},'started':false} | MAIN | False",
                "PodInitializing        | 1/3 | 0 | {'name':'i','restartCount':2,'state':{'terminated':{'exitCode':0}}},"
                        + "STARTED | MAIN | True",
                "Running                | 3/3 | 1 | {'name':'i','restartCount':2,'state':{'terminated':{'exitCode':0}}},"
                        + "{'name':'s','restartCount':1,'state':{'running':{}},'started':true,'ready':true} | READY,READY"
                        + " | True",
                "CrashLoopBackOff       | 2/3 | 0 | {'name':'i','state':{'terminated':{'exitCode':0}}},STARTED |"
                        + " READY,{'state':{'waiting':{'reason':'CrashLoopBackOff'}}} | True"
            },
            quoteCharacter = '"')
    void initContainersAndSidecarsAreToldAsByKubectl(
            String word, String ready, String restarts, String init, String main, String initialized)
            throws IOException {
        String pod =
                "{'metadata':{'namespace':'default','name':'p'},'spec':{'initContainers':[{'name':'i'},{'name':'s',"
                        + "'restartPolicy':'Always'}]},'status':{'phase':'PHASE','conditions':[{'type':'Initialized','status':'"
                        + initialized + "'}],'initContainerStatuses':[" + init + "],'containerStatuses':[" + main
                        + "]}}";
        List<String> row = PodRow.of(
                read("{'pod':" + pod.replace("PHASE", word.equals("Running") ? "Running" : "Pending") + "}"),
                false,
                Instant.EPOCH);
        assertEquals(List.of(ready, word, restarts), row.subList(2, 5));
    }

    private static Json read(String text) throws IOException {
        String waiting = "{'state':{'waiting':{'reason':'PodInitializing'}}}";
        String json = text.replace("READY", READY)
                .replace("COMPLETED", COMPLETED)
                .replace("SIDECAR", "{'name':'s','state':{'waiting':{'reason':'PodInitializing'}}}")
                .replace("STARTED", "{'name':'s','state':{'running':{}},'started':true,'ready':true}")
                .replace("MAIN", waiting + "," + waiting)
                .replace('\'', '"');
        return Json.read(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)));
    }
}
