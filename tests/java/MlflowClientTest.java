import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mlflow.api.proto.ModelRegistry.ModelVersion;
import org.mlflow.api.proto.ModelRegistry.RegisteredModel;
import org.mlflow.api.proto.Service.CreateExperiment;
import org.mlflow.api.proto.Service.CreateRun;
import org.mlflow.api.proto.Service.Experiment;
import org.mlflow.api.proto.Service.ExperimentTag;
import org.mlflow.api.proto.Service.Metric;
import org.mlflow.api.proto.Service.Param;
import org.mlflow.api.proto.Service.Run;
import org.mlflow.api.proto.Service.RunInfo;
import org.mlflow.api.proto.Service.RunStatus;
import org.mlflow.api.proto.Service.RunTag;
import org.mlflow.api.proto.Service.ViewType;
import org.mlflow.tracking.ActiveRun;
import org.mlflow.tracking.ExperimentsPage;
import org.mlflow.tracking.MlflowClient;
import org.mlflow.tracking.MlflowContext;
import org.mlflow.tracking.MlflowHttpException;
import org.mlflow.tracking.RunsPage;

/** MLflow's Java client against the server at PENSTOCK_URL. Ends with 1 at the first thing that is not so. */
public class MlflowClientTest {
  private static final long AT_MS = 1_600_000_000_000L;
  private static int checks = 0;

  private static void check(String what, boolean holds) {
    checks++;
    System.out.println((holds ? "ok   " : "FAIL ") + what);
    if (!holds) {
      System.exit(1);
    }
  }

  private interface Call {
    void run();
  }

  private static void refused(String what, int status, String code, Call call) {
    try {
      call.run();
      check(what + ": refused", false);
    } catch (MlflowHttpException e) {
      System.out.println("     " + e.getStatusCode() + " " + e.getBodyMessage());
      check(what, e.getStatusCode() == status && e.getBodyMessage().contains(code));
    }
  }

  private static void experiments(MlflowClient client) {
    check("Default is there", client.getExperiment("0").getName().equals("Default"));
    String id =
        client.createExperiment(
            CreateExperiment.newBuilder()
                .setName("java")
                .addTags(ExperimentTag.newBuilder().setKey("by").setValue("java"))
                .build());
    Experiment made = client.getExperiment(id);
    check("an experiment is made", made.getName().equals("java") && made.getTags(0).getValue().equals("java"));
    check("it has a place", made.getArtifactLocation().endsWith("/" + id));
    check("it is found by name", client.getExperimentByName("java").map(Experiment::getExperimentId).equals(Optional.of(id)));
    check("another is not", !client.getExperimentByName("absent").isPresent());
    refused("a second of that name", 400, "RESOURCE_ALREADY_EXISTS", () -> client.createExperiment("java"));
    refused("one that is not there", 404, "RESOURCE_DOES_NOT_EXIST", () -> client.getExperiment("4711"));
    client.setExperimentTag(id, "k", "v");
    check("a tag is set", client.getExperiment(id).getTagsList().stream().anyMatch(t -> t.getKey().equals("k")));
    client.renameExperiment(id, "java renamed");
    check("it is renamed", client.getExperiment(id).getName().equals("java renamed"));
    client.deleteExperiment(id);
    check("it is deleted", client.getExperiment(id).getLifecycleStage().equals("deleted"));
    client.restoreExperiment(id);
    check("it is restored", client.getExperiment(id).getLifecycleStage().equals("active"));
    ExperimentsPage page = client.searchExperiments("", ViewType.ACTIVE_ONLY, 1, List.of("name ASC"));
    check("experiments come by the page", page.getItems().size() == 1 && page.hasNextPage());
    check("and the next", page.getNextPage().getItems().iterator().hasNext());
    check("a filter holds", client.searchExperiments("name = 'java renamed'").getItems().size() == 1);
  }

  private static String runs(MlflowClient client, String experiment) {
    RunInfo info = client.createRun(CreateRun.newBuilder().setExperimentId(experiment).setStartTime(AT_MS).setUserId("ann").build());
    String id = info.getRunId();
    check("a run begins", info.getStatus() == RunStatus.RUNNING && info.getExperimentId().equals(experiment));
    client.logParam(id, "lr", "0.1");
    client.logMetric(id, "loss", 0.5, AT_MS, 1);
    client.logMetric(id, "loss", 0.25, AT_MS + 1, 2);
    client.logMetric(id, "nan", Double.NaN);
    client.logMetric(id, "inf", Double.POSITIVE_INFINITY);
    client.setTag(id, "team", "search");
    client.setTag(id, "gone", "x");
    client.deleteTag(id, "gone");
    List<Metric> metrics = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      metrics.add(Metric.newBuilder().setKey("batch").setValue(i).setTimestamp(AT_MS + i).setStep(i).build());
    }
    client.logBatch(
        id,
        metrics,
        List.of(Param.newBuilder().setKey("depth").setValue("3").build()),
        List.of(RunTag.newBuilder().setKey("batch").setValue("yes").build()));
    Run run = client.getRun(id);
    Map<String, Double> latest = new java.util.HashMap<>();
    run.getData().getMetricsList().forEach(m -> latest.put(m.getKey(), m.getValue()));
    check("the last value counts", latest.get("loss") == 0.25 && latest.get("batch") == 99);
    check("numbers that are none come back", latest.get("nan").isNaN());
    check("params are there", run.getData().getParamsCount() == 2);
    check("a tag is gone", run.getData().getTagsList().stream().noneMatch(t -> t.getKey().equals("gone")));
    check("a history is whole", client.getMetricHistory(id, "batch").size() == 100);
    refused("a param stays", 400, "INVALID_PARAMETER_VALUE", () -> client.logParam(id, "lr", "0.2"));
    refused("a run that is not there", 404, "RESOURCE_DOES_NOT_EXIST", () -> client.getRun("0".repeat(32)));
    client.setTerminated(id, RunStatus.FINISHED, AT_MS + 1000);
    check("it ends", client.getRun(id).getInfo().getEndTime() == AT_MS + 1000);
    client.deleteRun(id);
    check("it is deleted", client.getRun(id).getInfo().getLifecycleStage().equals("deleted"));
    client.restoreRun(id);
    check("it is restored", client.getRun(id).getInfo().getLifecycleStage().equals("active"));
    return id;
  }

  private static void search(MlflowClient client, String experiment) {
    for (int i = 0; i < 5; i++) {
      RunInfo run = client.createRun(CreateRun.newBuilder().setExperimentId(experiment).setStartTime(AT_MS + 10 + i).build());
      client.logMetric(run.getRunId(), "score", i);
    }
    List<String> in = List.of(experiment);
    RunsPage page = client.searchRuns(in, "metrics.score >= 1", ViewType.ACTIVE_ONLY, 3, List.of("metrics.score DESC"));
    check("runs are found, best first", page.getItems().size() == 3 && page.getItems().get(0).getData().getMetrics(0).getValue() == 4);
    check("the rest on the next page", page.hasNextPage() && page.getNextPage().getItems().iterator().hasNext());
    check("infos alone", client.searchRuns(in, "params.lr = '0.1'").size() == 1);
    refused("a filter that is none", 400, "INVALID_PARAMETER_VALUE", () -> client.searchRuns(in, "metrics.score"));
  }

  private static void context(MlflowClient client) {
    MlflowContext context = new MlflowContext(client);
    client.createExperiment("java context");
    context.setExperimentName("java context");
    ActiveRun run = context.startRun("from Java");
    run.logParams(Map.of("a", "1", "b", "2"));
    run.logMetrics(Map.of("x", 1.0, "y", 2.0), 3);
    run.setTags(Map.of("t", "u"));
    ActiveRun child = context.startRun("child", run.getId());
    child.endRun();
    run.endRun(RunStatus.FAILED);
    Run found = client.getRun(run.getId());
    check("a run of a context", found.getData().getParamsCount() == 2 && found.getInfo().getStatus() == RunStatus.FAILED);
    check("knows where it keeps files", run.getArtifactUri().contains(run.getId()));
    boolean nested =
        client.getRun(child.getId()).getData().getTagsList().stream()
            .anyMatch(t -> t.getKey().equals("mlflow.parentRunId") && t.getValue().equals(run.getId()));
    check("a child knows its parent", nested);
  }

  private static void registry(MlflowClient client, String run) {
    client.sendPost("registered-models/create", "{\"name\": \"java model\"}");
    for (int i = 0; i < 2; i++) {
      client.sendPost("model-versions/create", "{\"name\": \"java model\", \"source\": \"s3://bucket/" + i + "\"}");
    }
    client.sendPost(
        "model-versions/transition-stage",
        "{\"name\": \"java model\", \"version\": \"1\", \"stage\": \"Production\", \"archive_existing_versions\": false}");
    RegisteredModel model = client.getRegisteredModel("java model");
    check("a model is registered", model.getName().equals("java model") && model.getLatestVersionsCount() == 2);
    ModelVersion first = client.getModelVersion("java model", "1");
    check("its version has a stage", first.getCurrentStage().equals("Production"));
    check("the newest of a stage", client.getLatestVersions("java model", List.of("Production")).get(0).getVersion().equals("1"));
    check("where it lies", client.getModelVersionDownloadUri("java model", "1").equals("s3://bucket/0"));
    check("versions are found", client.searchModelVersions("name = 'java model'").getItems().size() == 2);
    refused("a model that is not there", 404, "RESOURCE_DOES_NOT_EXIST", () -> client.getRegisteredModel("absent"));
  }

  // The client runs Python's MLflow for files; it is there where the caller's PATH has it.
  private static void files(MlflowClient client, String run) throws Exception {
    Path file = Files.createTempFile("java", ".txt");
    Files.writeString(file, "from Java");
    client.logArtifact(run, file.toFile());
    check("a file is listed", client.listArtifacts(run).get(0).getPath().equals(file.getFileName().toString()));
    File back = client.downloadArtifacts(run, file.getFileName().toString());
    check("a file comes back", Files.readString(back.toPath()).equals("from Java"));
  }

  public static void main(String[] arguments) throws Exception {
    try (MlflowClient client = new MlflowClient(System.getenv("PENSTOCK_URL"))) {
      experiments(client);
      String experiment = client.createExperiment("java runs");
      String run = runs(client, experiment);
      search(client, experiment);
      context(client);
      registry(client, run);
      files(client, run);
    }
    System.out.println(checks + " checks");
  }
}
