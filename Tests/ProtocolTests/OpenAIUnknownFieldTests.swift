import OpenAIWire
import Primitives
import Testing
import WireFormat

/// Row F2 of the threat model: whatever is not on the list never reaches an engine.
@Suite struct OpenAIUnknownFieldTests {
    /// Fields of other servers and of none: engine switches of vLLM, SGLang, TGI, llama.cpp, Ollama and others, fields of
    /// other endpoints, misspellings, and names that some languages treat specially.
    static let names: [String] = """
        prompt_logprobs guided_json guided_regex guided_choice guided_grammar guided_decoding_backend guided_whitespace_pattern
        structured_outputs best_of use_beam_search length_penalty repetition_penalty early_stopping ignore_eos min_tokens
        stop_token_ids include_stop_str_in_output skip_special_tokens spaces_between_special_tokens truncate_prompt_tokens
        allowed_token_ids bad_words logits_processors echo add_generation_prompt continue_final_message add_special_tokens
        documents chat_template chat_template_kwargs mm_processor_kwargs priority request_id return_tokens_as_token_ids
        return_token_ids cache_salt kv_transfer_params vllm_xargs detokenize output_kind logits_processor_pattern
        extra_body extra_headers extra_query timeout regex json_schema ebnf lora_path session_params custom_logit_processor
        separate_reasoning stream_reasoning no_stop_trim return_hidden_states rid bootstrap_host bootstrap_port bootstrap_room
        data_parallel_rank custom_params sampling_params input_ids input_embeds image_data audio_data decoder_input_details
        details do_sample return_full_text truncate typical_p watermark grammar adapter_id top_n_tokens max_new_tokens
        dynatemp_range dynatemp_exponent tfs_z mirostat mirostat_tau mirostat_eta samplers xtc_probability xtc_threshold
        dry_multiplier dry_base dry_allowed_length dry_penalty_last_n dry_sequence_breakers repeat_penalty repeat_last_n
        penalize_nl n_predict n_keep n_discard n_probs n_indent min_keep id_slot cache_prompt return_tokens
        timings_per_token post_sampling_probs response_fields lora t_max_predict_ms t_max_prompt_ms preserved_tokens
        grammar_lazy grammar_triggers chat_format reasoning_format thinking_forced_open parse_tool_calls prompt
        num_ctx num_batch num_gpu main_gpu low_vram f16_kv vocab_only use_mmap use_mlock num_thread keep_alive options
        raw template context images suffix system format think tfs typical penalty_alpha temperature_last num_beams
        num_beam_groups diversity_penalty num_return_sequences eta_cutoff epsilon_cutoff smoothing_factor
        smoothing_curve guidance_scale negative_prompt ban_eos_token add_bos_token seed_list max_length min_length
        input instructions previous_response_id max_output_tokens reasoning text truncation include background
        conversation encoding_format dimensions file files url webhook callback hooks plugins transforms models route
        provider fallback fallbacks api_key api_base base_url organization project authorization headers method path
        host executor session voucher escrow fee price payer weight receipt gonka signature sequence allotment
        enforced_tokens enforced_token_ids poc nonce inference_id x_seed debug verbose trace profile dry_run admin exec
        eval shell command env import require module class constructor prototype __proto__ __class__ toString valueOf
        Temperature TEMPERATURE temperature_ top-p topP topp maxTokens max_token stops Stop messages_ Model role content
        choices $ref $schema id object created usage delta finish_reason mask logit_biases logprob top_logprob response
        """.split(whereSeparator: \.isWhitespace).map(String.init) + [
            "", " ", "temperature ", "\u{0}", "te\u{301}mperature", "../x", "model\u{200b}",
        ]

    @Test func thereAreEnough() {
        #expect(Set(Self.names).count == Self.names.count)
        #expect(Self.names.count >= 200)
    }

    @Test(arguments: names) func refusedByName(_ name: String) {
        let key = String(decoding: JSONValue.string(name).encoded(), as: UTF8.self)
        for value in ["1", "null", "{}"] {
            let error = OpenAISample.refusal(OpenAISample.body(adding: "\(key):\(value)"))
            #expect(error?.code == .unknownParameter)
            #expect(error?.param == name)
            #expect(error?.status == 400)
        }
    }

    @Test(arguments: [
        ("modalities", #"["text","audio"]"#), ("functions", "[{}]"), ("function_call", #"{"name":"f"}"#),
        ("audio", "{}"),
        ("prediction", "{}"), ("web_search_options", "{}"), ("moderation", "{}"), ("reasoning_effort", #""high""#),
        ("verbosity", #""low""#),
    ]) func unsupportedByName(_ name: String, _ value: String) {
        let error = OpenAISample.refusal(OpenAISample.body(adding: "\"\(name)\":\(value)"))
        #expect(error?.code == .unsupportedParameter)
        #expect(error?.param == name)
    }

    @Test(arguments: [
        ("metadata", "5", "metadata"), ("user", "5", "user"), ("service_tier", "[]", "service_tier"),
        ("stream_options", "true", "stream_options"),
        ("stream_options", #"{"include_usage":1}"#, "stream_options.include_usage"),
    ]) func acceptedNamesHaveTypes(_ name: String, _ value: String, _ param: String) {
        let error = OpenAISample.refusal(OpenAISample.body(adding: "\"\(name)\":\(value)"))
        #expect(error?.code == .invalidType)
        #expect(error?.param == param)
    }

    @Test func nestedNamesToo() {
        let error = OpenAISample.refusal(
            OpenAISample.body(adding: #""stream_options":{"continuous_usage_stats":true}"#))
        #expect(error?.code == .unknownParameter)
        #expect(error?.param == "stream_options.continuous_usage_stats")
    }

    /// A hostile name comes back short, however it is spelled: one character may be megabytes long.
    @Test(arguments: [String(repeating: "k", count: 100_000), "e" + String(repeating: "\u{301}", count: 100_000)])
    func longNamesAreCut(_ name: String) {
        let error = OpenAISample.refusal(OpenAISample.body(adding: "\"\(name)\":1"))
        #expect(error?.code == .unknownParameter)
        #expect((error?.encoded().count ?? .max) < 600)
    }
}
