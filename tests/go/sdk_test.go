// Package sdk holds the official Go SDK against the server at PENSTOCK_URL. Run by tests/test_openai_go.py.
package sdk

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"
)

const answer = "water falls through a gated narrow pipe today"

// One model whose upstream speaks OpenAI's protocol, one whose upstream speaks Anthropic's.
var models = []string{"gpt-x+strict", "claude-x"}

func newClient(options ...option.RequestOption) openai.Client {
	settings := []option.RequestOption{
		option.WithBaseURL(os.Getenv("PENSTOCK_URL") + "/v1"),
		option.WithAPIKey(os.Getenv("PENSTOCK_KEY")),
		option.WithMaxRetries(0),
		option.WithRequestTimeout(30 * time.Second),
	}
	return openai.NewClient(append(settings, options...)...)
}

func question(model string) openai.ChatCompletionNewParams {
	return openai.ChatCompletionNewParams{
		Model:    model,
		Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("Say a word about water.")},
	}
}

func withTool(params openai.ChatCompletionNewParams) openai.ChatCompletionNewParams {
	params.Model += "+tools"
	params.Tools = []openai.ChatCompletionToolUnionParam{
		openai.ChatCompletionFunctionTool(openai.FunctionDefinitionParam{
			Name:       "get_weather",
			Parameters: openai.FunctionParameters{"type": "object"},
		}),
	}
	return params
}

func eachModel(t *testing.T, test func(t *testing.T, model string)) {
	for _, model := range models {
		t.Run(model, func(t *testing.T) { test(t, model) })
	}
}

func TestACompletionIsAnswered(t *testing.T) {
	eachModel(t, func(t *testing.T, model string) {
		client := newClient()
		completion, err := client.Chat.Completions.New(context.Background(), question(model))
		if err != nil {
			t.Fatal(err)
		}
		if got := completion.Choices[0].Message.Content; got != answer {
			t.Errorf("content %q", got)
		}
		if got := completion.Usage.CompletionTokens; got != 8 {
			t.Errorf("%d completion tokens", got)
		}
	})
}

func accumulate(t *testing.T, params openai.ChatCompletionNewParams) openai.ChatCompletionAccumulator {
	t.Helper()
	client := newClient()
	stream := client.Chat.Completions.NewStreaming(context.Background(), params)
	accumulated := openai.ChatCompletionAccumulator{}
	for stream.Next() {
		if !accumulated.AddChunk(stream.Current()) {
			t.Fatal("the accumulator refuses a chunk")
		}
	}
	if err := stream.Err(); err != nil {
		t.Fatal(err)
	}
	return accumulated
}

func TestAStreamAccumulatesToTheSameAnswer(t *testing.T) {
	eachModel(t, func(t *testing.T, model string) {
		if got := accumulate(t, question(model)).Choices[0].Message.Content; got != answer {
			t.Errorf("content %q", got)
		}
	})
}

func TestToolsAreCalledWholeAndInAStream(t *testing.T) {
	eachModel(t, func(t *testing.T, model string) {
		client := newClient()
		completion, err := client.Chat.Completions.New(context.Background(), withTool(question(model)))
		if err != nil {
			t.Fatal(err)
		}
		streamed := accumulate(t, withTool(question(model)))
		for _, choice := range []openai.ChatCompletionChoice{completion.Choices[0], streamed.Choices[0]} {
			call := choice.Message.ToolCalls[0].Function
			var arguments struct{ City, Unit string }
			if err := json.Unmarshal([]byte(call.Arguments), &arguments); err != nil {
				t.Fatal(err)
			}
			if call.Name != "get_weather" || arguments.City != "Paris" || choice.FinishReason != "tool_calls" {
				t.Errorf("%s(%s), %s", call.Name, call.Arguments, choice.FinishReason)
			}
		}
	})
}

func TestResponsesAreAnsweredWholeAndInAStream(t *testing.T) {
	eachModel(t, func(t *testing.T, model string) {
		client := newClient()
		params := responses.ResponseNewParams{
			Model: model,
			Input: responses.ResponseNewParamsInputUnion{OfString: openai.String("Say a word about water.")},
		}
		response, err := client.Responses.New(context.Background(), params)
		if err != nil {
			t.Fatal(err)
		}
		if got := response.OutputText(); got != answer {
			t.Errorf("text %q", got)
		}
		stream := client.Responses.NewStreaming(context.Background(), params)
		text, last := "", ""
		for stream.Next() {
			event := stream.Current()
			last = event.Type
			if event.Type == "response.output_text.delta" {
				text += event.Delta
			}
		}
		if err := stream.Err(); err != nil || text != answer || last != "response.completed" {
			t.Errorf("text %q, last event %q, error %v", text, last, err)
		}
	})
}

func TestErrorsHaveStatusAndCode(t *testing.T) {
	for model, status := range map[string]int{"no-such-model": 404, "fault-400": 400, "claude-429": 429} {
		client := newClient()
		_, err := client.Chat.Completions.New(context.Background(), question(model))
		var refused *openai.Error
		if !errors.As(err, &refused) || refused.StatusCode != status || refused.Message == "" {
			t.Errorf("%s: %v", model, err)
		}
	}
}

func TestAStreamThatBreaksIsAnError(t *testing.T) {
	for _, model := range []string{"fault-cut-3", "claude-cut"} {
		client := newClient()
		stream := client.Chat.Completions.NewStreaming(context.Background(), question(model))
		for stream.Next() {
		}
		if stream.Err() == nil {
			t.Errorf("%s: a clean end", model)
		}
	}
}
