// Made by scripts/make_proto_files.py out of protos/: not to be edited.

extension ProtoFile {
    /// The files of all services.
    static let all = [
        ProtoFile(
            name: "grpc/health/v1/health.proto", services: ["grpc.health.v1.Health"],
            symbols: """
                grpc.health.v1.HealthCheckRequest grpc.health.v1.HealthCheckResponse
                grpc.health.v1.HealthCheckResponse.ServingStatus grpc.health.v1.Health grpc.health.v1.Health.Check
                grpc.health.v1.Health.Watch
                """,
            base64: """
                ChtncnBjL2hlYWx0aC92MS9oZWFsdGgucHJvdG8SDmdycGMuaGVhbHRoLnYxIi4KEkhlYWx0aENoZWNrUmVxdWVzdBIYCgdzZXJ2\
                aWNlGAEgASgJUgdzZXJ2aWNlIrEBChNIZWFsdGhDaGVja1Jlc3BvbnNlEkkKBnN0YXR1cxgBIAEoDjIxLmdycGMuaGVhbHRoLnYx\
                LkhlYWx0aENoZWNrUmVzcG9uc2UuU2VydmluZ1N0YXR1c1IGc3RhdHVzIk8KDVNlcnZpbmdTdGF0dXMSCwoHVU5LTk9XThAAEgsK\
                B1NFUlZJTkcQARIPCgtOT1RfU0VSVklORxACEhMKD1NFUlZJQ0VfVU5LTk9XThADMq4BCgZIZWFsdGgSUAoFQ2hlY2sSIi5ncnBj\
                LmhlYWx0aC52MS5IZWFsdGhDaGVja1JlcXVlc3QaIy5ncnBjLmhlYWx0aC52MS5IZWFsdGhDaGVja1Jlc3BvbnNlElIKBVdhdGNo\
                EiIuZ3JwYy5oZWFsdGgudjEuSGVhbHRoQ2hlY2tSZXF1ZXN0GiMuZ3JwYy5oZWFsdGgudjEuSGVhbHRoQ2hlY2tSZXNwb25zZTAB\
                YgZwcm90bzM=
                """),
        ProtoFile(
            name: "grpc/reflection/v1/reflection.proto", services: ["grpc.reflection.v1.ServerReflection"],
            symbols: """
                grpc.reflection.v1.ServerReflectionRequest grpc.reflection.v1.ExtensionRequest
                grpc.reflection.v1.ServerReflectionResponse grpc.reflection.v1.FileDescriptorResponse
                grpc.reflection.v1.ExtensionNumberResponse grpc.reflection.v1.ListServiceResponse
                grpc.reflection.v1.ServiceResponse grpc.reflection.v1.ErrorResponse
                grpc.reflection.v1.ServerReflection grpc.reflection.v1.ServerReflection.ServerReflectionInfo
                """,
            base64: """
                CiNncnBjL3JlZmxlY3Rpb24vdjEvcmVmbGVjdGlvbi5wcm90bxISZ3JwYy5yZWZsZWN0aW9uLnYxIvMCChdTZXJ2ZXJSZWZsZWN0\
                aW9uUmVxdWVzdBISCgRob3N0GAEgASgJUgRob3N0EioKEGZpbGVfYnlfZmlsZW5hbWUYAyABKAlIAFIOZmlsZUJ5RmlsZW5hbWUS\
                NgoWZmlsZV9jb250YWluaW5nX3N5bWJvbBgEIAEoCUgAUhRmaWxlQ29udGFpbmluZ1N5bWJvbBJiChlmaWxlX2NvbnRhaW5pbmdf\
                ZXh0ZW5zaW9uGAUgASgLMiQuZ3JwYy5yZWZsZWN0aW9uLnYxLkV4dGVuc2lvblJlcXVlc3RIAFIXZmlsZUNvbnRhaW5pbmdFeHRl\
                bnNpb24SQgodYWxsX2V4dGVuc2lvbl9udW1iZXJzX29mX3R5cGUYBiABKAlIAFIZYWxsRXh0ZW5zaW9uTnVtYmVyc09mVHlwZRIl\
                Cg1saXN0X3NlcnZpY2VzGAcgASgJSABSDGxpc3RTZXJ2aWNlc0IRCg9tZXNzYWdlX3JlcXVlc3QiZgoQRXh0ZW5zaW9uUmVxdWVz\
                dBInCg9jb250YWluaW5nX3R5cGUYASABKAlSDmNvbnRhaW5pbmdUeXBlEikKEGV4dGVuc2lvbl9udW1iZXIYAiABKAVSD2V4dGVu\
                c2lvbk51bWJlciKuBAoYU2VydmVyUmVmbGVjdGlvblJlc3BvbnNlEh0KCnZhbGlkX2hvc3QYASABKAlSCXZhbGlkSG9zdBJWChBv\
                cmlnaW5hbF9yZXF1ZXN0GAIgASgLMisuZ3JwYy5yZWZsZWN0aW9uLnYxLlNlcnZlclJlZmxlY3Rpb25SZXF1ZXN0Ug9vcmlnaW5h\
                bFJlcXVlc3QSZgoYZmlsZV9kZXNjcmlwdG9yX3Jlc3BvbnNlGAQgASgLMiouZ3JwYy5yZWZsZWN0aW9uLnYxLkZpbGVEZXNjcmlw\
                dG9yUmVzcG9uc2VIAFIWZmlsZURlc2NyaXB0b3JSZXNwb25zZRJyCh5hbGxfZXh0ZW5zaW9uX251bWJlcnNfcmVzcG9uc2UYBSAB\
                KAsyKy5ncnBjLnJlZmxlY3Rpb24udjEuRXh0ZW5zaW9uTnVtYmVyUmVzcG9uc2VIAFIbYWxsRXh0ZW5zaW9uTnVtYmVyc1Jlc3Bv\
                bnNlEl8KFmxpc3Rfc2VydmljZXNfcmVzcG9uc2UYBiABKAsyJy5ncnBjLnJlZmxlY3Rpb24udjEuTGlzdFNlcnZpY2VSZXNwb25z\
                ZUgAUhRsaXN0U2VydmljZXNSZXNwb25zZRJKCg5lcnJvcl9yZXNwb25zZRgHIAEoCzIhLmdycGMucmVmbGVjdGlvbi52MS5FcnJv\
                clJlc3BvbnNlSABSDWVycm9yUmVzcG9uc2VCEgoQbWVzc2FnZV9yZXNwb25zZSJMChZGaWxlRGVzY3JpcHRvclJlc3BvbnNlEjIK\
                FWZpbGVfZGVzY3JpcHRvcl9wcm90bxgBIAMoDFITZmlsZURlc2NyaXB0b3JQcm90byJqChdFeHRlbnNpb25OdW1iZXJSZXNwb25z\
                ZRIkCg5iYXNlX3R5cGVfbmFtZRgBIAEoCVIMYmFzZVR5cGVOYW1lEikKEGV4dGVuc2lvbl9udW1iZXIYAiADKAVSD2V4dGVuc2lv\
                bk51bWJlciJUChNMaXN0U2VydmljZVJlc3BvbnNlEj0KB3NlcnZpY2UYASADKAsyIy5ncnBjLnJlZmxlY3Rpb24udjEuU2Vydmlj\
                ZVJlc3BvbnNlUgdzZXJ2aWNlIiUKD1NlcnZpY2VSZXNwb25zZRISCgRuYW1lGAEgASgJUgRuYW1lIlMKDUVycm9yUmVzcG9uc2US\
                HQoKZXJyb3JfY29kZRgBIAEoBVIJZXJyb3JDb2RlEiMKDWVycm9yX21lc3NhZ2UYAiABKAlSDGVycm9yTWVzc2FnZTKJAQoQU2Vy\
                dmVyUmVmbGVjdGlvbhJ1ChRTZXJ2ZXJSZWZsZWN0aW9uSW5mbxIrLmdycGMucmVmbGVjdGlvbi52MS5TZXJ2ZXJSZWZsZWN0aW9u\
                UmVxdWVzdBosLmdycGMucmVmbGVjdGlvbi52MS5TZXJ2ZXJSZWZsZWN0aW9uUmVzcG9uc2UoATABYgZwcm90bzM=
                """),
        ProtoFile(
            name: "grpc/reflection/v1alpha/reflection.proto", services: ["grpc.reflection.v1alpha.ServerReflection"],
            symbols: """
                grpc.reflection.v1alpha.ServerReflectionRequest grpc.reflection.v1alpha.ExtensionRequest
                grpc.reflection.v1alpha.ServerReflectionResponse grpc.reflection.v1alpha.FileDescriptorResponse
                grpc.reflection.v1alpha.ExtensionNumberResponse grpc.reflection.v1alpha.ListServiceResponse
                grpc.reflection.v1alpha.ServiceResponse grpc.reflection.v1alpha.ErrorResponse
                grpc.reflection.v1alpha.ServerReflection
                grpc.reflection.v1alpha.ServerReflection.ServerReflectionInfo
                """,
            base64: """
                CihncnBjL3JlZmxlY3Rpb24vdjFhbHBoYS9yZWZsZWN0aW9uLnByb3RvEhdncnBjLnJlZmxlY3Rpb24udjFhbHBoYSL4AgoXU2Vy\
                dmVyUmVmbGVjdGlvblJlcXVlc3QSEgoEaG9zdBgBIAEoCVIEaG9zdBIqChBmaWxlX2J5X2ZpbGVuYW1lGAMgASgJSABSDmZpbGVC\
                eUZpbGVuYW1lEjYKFmZpbGVfY29udGFpbmluZ19zeW1ib2wYBCABKAlIAFIUZmlsZUNvbnRhaW5pbmdTeW1ib2wSZwoZZmlsZV9j\
                b250YWluaW5nX2V4dGVuc2lvbhgFIAEoCzIpLmdycGMucmVmbGVjdGlvbi52MWFscGhhLkV4dGVuc2lvblJlcXVlc3RIAFIXZmls\
                ZUNvbnRhaW5pbmdFeHRlbnNpb24SQgodYWxsX2V4dGVuc2lvbl9udW1iZXJzX29mX3R5cGUYBiABKAlIAFIZYWxsRXh0ZW5zaW9u\
                TnVtYmVyc09mVHlwZRIlCg1saXN0X3NlcnZpY2VzGAcgASgJSABSDGxpc3RTZXJ2aWNlc0IRCg9tZXNzYWdlX3JlcXVlc3QiZgoQ\
                RXh0ZW5zaW9uUmVxdWVzdBInCg9jb250YWluaW5nX3R5cGUYASABKAlSDmNvbnRhaW5pbmdUeXBlEikKEGV4dGVuc2lvbl9udW1i\
                ZXIYAiABKAVSD2V4dGVuc2lvbk51bWJlciLHBAoYU2VydmVyUmVmbGVjdGlvblJlc3BvbnNlEh0KCnZhbGlkX2hvc3QYASABKAlS\
                CXZhbGlkSG9zdBJbChBvcmlnaW5hbF9yZXF1ZXN0GAIgASgLMjAuZ3JwYy5yZWZsZWN0aW9uLnYxYWxwaGEuU2VydmVyUmVmbGVj\
                dGlvblJlcXVlc3RSD29yaWdpbmFsUmVxdWVzdBJrChhmaWxlX2Rlc2NyaXB0b3JfcmVzcG9uc2UYBCABKAsyLy5ncnBjLnJlZmxl\
                Y3Rpb24udjFhbHBoYS5GaWxlRGVzY3JpcHRvclJlc3BvbnNlSABSFmZpbGVEZXNjcmlwdG9yUmVzcG9uc2USdwoeYWxsX2V4dGVu\
                c2lvbl9udW1iZXJzX3Jlc3BvbnNlGAUgASgLMjAuZ3JwYy5yZWZsZWN0aW9uLnYxYWxwaGEuRXh0ZW5zaW9uTnVtYmVyUmVzcG9u\
                c2VIAFIbYWxsRXh0ZW5zaW9uTnVtYmVyc1Jlc3BvbnNlEmQKFmxpc3Rfc2VydmljZXNfcmVzcG9uc2UYBiABKAsyLC5ncnBjLnJl\
                ZmxlY3Rpb24udjFhbHBoYS5MaXN0U2VydmljZVJlc3BvbnNlSABSFGxpc3RTZXJ2aWNlc1Jlc3BvbnNlEk8KDmVycm9yX3Jlc3Bv\
                bnNlGAcgASgLMiYuZ3JwYy5yZWZsZWN0aW9uLnYxYWxwaGEuRXJyb3JSZXNwb25zZUgAUg1lcnJvclJlc3BvbnNlQhIKEG1lc3Nh\
                Z2VfcmVzcG9uc2UiTAoWRmlsZURlc2NyaXB0b3JSZXNwb25zZRIyChVmaWxlX2Rlc2NyaXB0b3JfcHJvdG8YASADKAxSE2ZpbGVE\
                ZXNjcmlwdG9yUHJvdG8iagoXRXh0ZW5zaW9uTnVtYmVyUmVzcG9uc2USJAoOYmFzZV90eXBlX25hbWUYASABKAlSDGJhc2VUeXBl\
                TmFtZRIpChBleHRlbnNpb25fbnVtYmVyGAIgAygFUg9leHRlbnNpb25OdW1iZXIiWQoTTGlzdFNlcnZpY2VSZXNwb25zZRJCCgdz\
                ZXJ2aWNlGAEgAygLMiguZ3JwYy5yZWZsZWN0aW9uLnYxYWxwaGEuU2VydmljZVJlc3BvbnNlUgdzZXJ2aWNlIiUKD1NlcnZpY2VS\
                ZXNwb25zZRISCgRuYW1lGAEgASgJUgRuYW1lIlMKDUVycm9yUmVzcG9uc2USHQoKZXJyb3JfY29kZRgBIAEoBVIJZXJyb3JDb2Rl\
                EiMKDWVycm9yX21lc3NhZ2UYAiABKAlSDGVycm9yTWVzc2FnZTKTAQoQU2VydmVyUmVmbGVjdGlvbhJ/ChRTZXJ2ZXJSZWZsZWN0\
                aW9uSW5mbxIwLmdycGMucmVmbGVjdGlvbi52MWFscGhhLlNlcnZlclJlZmxlY3Rpb25SZXF1ZXN0GjEuZ3JwYy5yZWZsZWN0aW9u\
                LnYxYWxwaGEuU2VydmVyUmVmbGVjdGlvblJlc3BvbnNlKAEwAWIGcHJvdG8z
                """),
        ProtoFile(
            name: "open_inference.proto", services: ["inference.GRPCInferenceService"],
            symbols: """
                inference.ServerLiveRequest inference.ServerLiveResponse inference.ServerReadyRequest
                inference.ServerReadyResponse inference.ModelReadyRequest inference.ModelReadyResponse
                inference.ServerMetadataRequest inference.ServerMetadataResponse inference.ModelMetadataRequest
                inference.ModelMetadataResponse inference.ModelMetadataResponse.TensorMetadata inference.ModelInput
                inference.ModelOutput inference.ModelConfig inference.ModelConfigRequest
                inference.ModelConfigResponse inference.ModelStatisticsRequest inference.StatisticDuration
                inference.InferStatistics inference.ModelStatistics inference.ModelStatisticsResponse
                inference.InferParameter inference.InferTensorContents inference.ModelInferRequest
                inference.ModelInferRequest.InferInputTensor inference.ModelInferRequest.InferRequestedOutputTensor
                inference.ModelInferResponse inference.ModelInferResponse.InferOutputTensor
                inference.ModelStreamInferResponse inference.ModelRepositoryParameter
                inference.RepositoryIndexRequest inference.RepositoryIndexResponse
                inference.RepositoryIndexResponse.ModelIndex inference.RepositoryModelLoadRequest
                inference.RepositoryModelLoadResponse inference.RepositoryModelUnloadRequest
                inference.RepositoryModelUnloadResponse inference.DataType inference.GRPCInferenceService
                inference.GRPCInferenceService.ServerLive inference.GRPCInferenceService.ServerReady
                inference.GRPCInferenceService.ModelReady inference.GRPCInferenceService.ServerMetadata
                inference.GRPCInferenceService.ModelMetadata inference.GRPCInferenceService.ModelConfig
                inference.GRPCInferenceService.ModelStatistics inference.GRPCInferenceService.ModelInfer
                inference.GRPCInferenceService.ModelStreamInfer inference.GRPCInferenceService.RepositoryIndex
                inference.GRPCInferenceService.RepositoryModelLoad
                inference.GRPCInferenceService.RepositoryModelUnload
                """,
            base64: """
                ChRvcGVuX2luZmVyZW5jZS5wcm90bxIJaW5mZXJlbmNlIhMKEVNlcnZlckxpdmVSZXF1ZXN0IigKElNlcnZlckxpdmVSZXNwb25z\
                ZRISCgRsaXZlGAEgASgIUgRsaXZlIhQKElNlcnZlclJlYWR5UmVxdWVzdCIrChNTZXJ2ZXJSZWFkeVJlc3BvbnNlEhQKBXJlYWR5\
                GAEgASgIUgVyZWFkeSJBChFNb2RlbFJlYWR5UmVxdWVzdBISCgRuYW1lGAEgASgJUgRuYW1lEhgKB3ZlcnNpb24YAiABKAlSB3Zl\
                cnNpb24iKgoSTW9kZWxSZWFkeVJlc3BvbnNlEhQKBXJlYWR5GAEgASgIUgVyZWFkeSIXChVTZXJ2ZXJNZXRhZGF0YVJlcXVlc3Qi\
                ZgoWU2VydmVyTWV0YWRhdGFSZXNwb25zZRISCgRuYW1lGAEgASgJUgRuYW1lEhgKB3ZlcnNpb24YAiABKAlSB3ZlcnNpb24SHgoK\
                ZXh0ZW5zaW9ucxgDIAMoCVIKZXh0ZW5zaW9ucyJEChRNb2RlbE1ldGFkYXRhUmVxdWVzdBISCgRuYW1lGAEgASgJUgRuYW1lEhgK\
                B3ZlcnNpb24YAiABKAlSB3ZlcnNpb24izwIKFU1vZGVsTWV0YWRhdGFSZXNwb25zZRISCgRuYW1lGAEgASgJUgRuYW1lEhoKCHZl\
                cnNpb25zGAIgAygJUgh2ZXJzaW9ucxIaCghwbGF0Zm9ybRgDIAEoCVIIcGxhdGZvcm0SRwoGaW5wdXRzGAQgAygLMi8uaW5mZXJl\
                bmNlLk1vZGVsTWV0YWRhdGFSZXNwb25zZS5UZW5zb3JNZXRhZGF0YVIGaW5wdXRzEkkKB291dHB1dHMYBSADKAsyLy5pbmZlcmVu\
                Y2UuTW9kZWxNZXRhZGF0YVJlc3BvbnNlLlRlbnNvck1ldGFkYXRhUgdvdXRwdXRzGlYKDlRlbnNvck1ldGFkYXRhEhIKBG5hbWUY\
                ASABKAlSBG5hbWUSGgoIZGF0YXR5cGUYAiABKAlSCGRhdGF0eXBlEhQKBXNoYXBlGAMgAygDUgVzaGFwZSJmCgpNb2RlbElucHV0\
                EhIKBG5hbWUYASABKAlSBG5hbWUSMAoJZGF0YV90eXBlGAIgASgOMhMuaW5mZXJlbmNlLkRhdGFUeXBlUghkYXRhVHlwZRISCgRk\
                aW1zGAQgAygDUgRkaW1zImcKC01vZGVsT3V0cHV0EhIKBG5hbWUYASABKAlSBG5hbWUSMAoJZGF0YV90eXBlGAIgASgOMhMuaW5m\
                ZXJlbmNlLkRhdGFUeXBlUghkYXRhVHlwZRISCgRkaW1zGAMgAygDUgRkaW1zItoBCgtNb2RlbENvbmZpZxISCgRuYW1lGAEgASgJ\
                UgRuYW1lEhoKCHBsYXRmb3JtGAIgASgJUghwbGF0Zm9ybRIkCg5tYXhfYmF0Y2hfc2l6ZRgEIAEoBVIMbWF4QmF0Y2hTaXplEisK\
                BWlucHV0GAUgAygLMhUuaW5mZXJlbmNlLk1vZGVsSW5wdXRSBWlucHV0Ei4KBm91dHB1dBgGIAMoCzIWLmluZmVyZW5jZS5Nb2Rl\
                bE91dHB1dFIGb3V0cHV0EhgKB2JhY2tlbmQYESABKAlSB2JhY2tlbmQiQgoSTW9kZWxDb25maWdSZXF1ZXN0EhIKBG5hbWUYASAB\
                KAlSBG5hbWUSGAoHdmVyc2lvbhgCIAEoCVIHdmVyc2lvbiJFChNNb2RlbENvbmZpZ1Jlc3BvbnNlEi4KBmNvbmZpZxgBIAEoCzIW\
                LmluZmVyZW5jZS5Nb2RlbENvbmZpZ1IGY29uZmlnIkYKFk1vZGVsU3RhdGlzdGljc1JlcXVlc3QSEgoEbmFtZRgBIAEoCVIEbmFt\
                ZRIYCgd2ZXJzaW9uGAIgASgJUgd2ZXJzaW9uIjkKEVN0YXRpc3RpY0R1cmF0aW9uEhQKBWNvdW50GAEgASgEUgVjb3VudBIOCgJu\
                cxgCIAEoBFICbnMi+gIKD0luZmVyU3RhdGlzdGljcxI2CgdzdWNjZXNzGAEgASgLMhwuaW5mZXJlbmNlLlN0YXRpc3RpY0R1cmF0\
                aW9uUgdzdWNjZXNzEjAKBGZhaWwYAiABKAsyHC5pbmZlcmVuY2UuU3RhdGlzdGljRHVyYXRpb25SBGZhaWwSMgoFcXVldWUYAyAB\
                KAsyHC5pbmZlcmVuY2UuU3RhdGlzdGljRHVyYXRpb25SBXF1ZXVlEkEKDWNvbXB1dGVfaW5wdXQYBCABKAsyHC5pbmZlcmVuY2Uu\
                U3RhdGlzdGljRHVyYXRpb25SDGNvbXB1dGVJbnB1dBJBCg1jb21wdXRlX2luZmVyGAUgASgLMhwuaW5mZXJlbmNlLlN0YXRpc3Rp\
                Y0R1cmF0aW9uUgxjb21wdXRlSW5mZXISQwoOY29tcHV0ZV9vdXRwdXQYBiABKAsyHC5pbmZlcmVuY2UuU3RhdGlzdGljRHVyYXRp\
                b25SDWNvbXB1dGVPdXRwdXQi1gEKD01vZGVsU3RhdGlzdGljcxISCgRuYW1lGAEgASgJUgRuYW1lEhgKB3ZlcnNpb24YAiABKAlS\
                B3ZlcnNpb24SJwoPaW5mZXJlbmNlX2NvdW50GAQgASgEUg5pbmZlcmVuY2VDb3VudBInCg9leGVjdXRpb25fY291bnQYBSABKARS\
                DmV4ZWN1dGlvbkNvdW50EkMKD2luZmVyZW5jZV9zdGF0cxgGIAEoCzIaLmluZmVyZW5jZS5JbmZlclN0YXRpc3RpY3NSDmluZmVy\
                ZW5jZVN0YXRzIlYKF01vZGVsU3RhdGlzdGljc1Jlc3BvbnNlEjsKC21vZGVsX3N0YXRzGAEgAygLMhouaW5mZXJlbmNlLk1vZGVs\
                U3RhdGlzdGljc1IKbW9kZWxTdGF0cyLXAQoOSW5mZXJQYXJhbWV0ZXISHwoKYm9vbF9wYXJhbRgBIAEoCEgAUglib29sUGFyYW0S\
                IQoLaW50NjRfcGFyYW0YAiABKANIAFIKaW50NjRQYXJhbRIjCgxzdHJpbmdfcGFyYW0YAyABKAlIAFILc3RyaW5nUGFyYW0SIwoM\
                ZG91YmxlX3BhcmFtGAQgASgBSABSC2RvdWJsZVBhcmFtEiMKDHVpbnQ2NF9wYXJhbRgFIAEoBEgAUgt1aW50NjRQYXJhbUISChBw\
                YXJhbWV0ZXJfY2hvaWNlIsMCChNJbmZlclRlbnNvckNvbnRlbnRzEiMKDWJvb2xfY29udGVudHMYASADKAhSDGJvb2xDb250ZW50\
                cxIhCgxpbnRfY29udGVudHMYAiADKAVSC2ludENvbnRlbnRzEiUKDmludDY0X2NvbnRlbnRzGAMgAygDUg1pbnQ2NENvbnRlbnRz\
                EiMKDXVpbnRfY29udGVudHMYBCADKA1SDHVpbnRDb250ZW50cxInCg91aW50NjRfY29udGVudHMYBSADKARSDnVpbnQ2NENvbnRl\
                bnRzEiMKDWZwMzJfY29udGVudHMYBiADKAJSDGZwMzJDb250ZW50cxIjCg1mcDY0X2NvbnRlbnRzGAcgAygBUgxmcDY0Q29udGVu\
                dHMSJQoOYnl0ZXNfY29udGVudHMYCCADKAxSDWJ5dGVzQ29udGVudHMinQgKEU1vZGVsSW5mZXJSZXF1ZXN0Eh0KCm1vZGVsX25h\
                bWUYASABKAlSCW1vZGVsTmFtZRIjCg1tb2RlbF92ZXJzaW9uGAIgASgJUgxtb2RlbFZlcnNpb24SDgoCaWQYAyABKAlSAmlkEkwK\
                CnBhcmFtZXRlcnMYBCADKAsyLC5pbmZlcmVuY2UuTW9kZWxJbmZlclJlcXVlc3QuUGFyYW1ldGVyc0VudHJ5UgpwYXJhbWV0ZXJz\
                EkUKBmlucHV0cxgFIAMoCzItLmluZmVyZW5jZS5Nb2RlbEluZmVyUmVxdWVzdC5JbmZlcklucHV0VGVuc29yUgZpbnB1dHMSUQoH\
                b3V0cHV0cxgGIAMoCzI3LmluZmVyZW5jZS5Nb2RlbEluZmVyUmVxdWVzdC5JbmZlclJlcXVlc3RlZE91dHB1dFRlbnNvclIHb3V0\
                cHV0cxIsChJyYXdfaW5wdXRfY29udGVudHMYByADKAxSEHJhd0lucHV0Q29udGVudHMazQIKEEluZmVySW5wdXRUZW5zb3ISEgoE\
                bmFtZRgBIAEoCVIEbmFtZRIaCghkYXRhdHlwZRgCIAEoCVIIZGF0YXR5cGUSFAoFc2hhcGUYAyADKANSBXNoYXBlEl0KCnBhcmFt\
                ZXRlcnMYBCADKAsyPS5pbmZlcmVuY2UuTW9kZWxJbmZlclJlcXVlc3QuSW5mZXJJbnB1dFRlbnNvci5QYXJhbWV0ZXJzRW50cnlS\
                CnBhcmFtZXRlcnMSOgoIY29udGVudHMYBSABKAsyHi5pbmZlcmVuY2UuSW5mZXJUZW5zb3JDb250ZW50c1IIY29udGVudHMaWAoP\
                UGFyYW1ldGVyc0VudHJ5EhAKA2tleRgBIAEoCVIDa2V5Ei8KBXZhbHVlGAIgASgLMhkuaW5mZXJlbmNlLkluZmVyUGFyYW1ldGVy\
                UgV2YWx1ZToCOAEa8wEKGkluZmVyUmVxdWVzdGVkT3V0cHV0VGVuc29yEhIKBG5hbWUYASABKAlSBG5hbWUSZwoKcGFyYW1ldGVy\
                cxgCIAMoCzJHLmluZmVyZW5jZS5Nb2RlbEluZmVyUmVxdWVzdC5JbmZlclJlcXVlc3RlZE91dHB1dFRlbnNvci5QYXJhbWV0ZXJz\
                RW50cnlSCnBhcmFtZXRlcnMaWAoPUGFyYW1ldGVyc0VudHJ5EhAKA2tleRgBIAEoCVIDa2V5Ei8KBXZhbHVlGAIgASgLMhkuaW5m\
                ZXJlbmNlLkluZmVyUGFyYW1ldGVyUgV2YWx1ZToCOAEaWAoPUGFyYW1ldGVyc0VudHJ5EhAKA2tleRgBIAEoCVIDa2V5Ei8KBXZh\
                bHVlGAIgASgLMhkuaW5mZXJlbmNlLkluZmVyUGFyYW1ldGVyUgV2YWx1ZToCOAEi3wUKEk1vZGVsSW5mZXJSZXNwb25zZRIdCgpt\
                b2RlbF9uYW1lGAEgASgJUgltb2RlbE5hbWUSIwoNbW9kZWxfdmVyc2lvbhgCIAEoCVIMbW9kZWxWZXJzaW9uEg4KAmlkGAMgASgJ\
                UgJpZBJNCgpwYXJhbWV0ZXJzGAQgAygLMi0uaW5mZXJlbmNlLk1vZGVsSW5mZXJSZXNwb25zZS5QYXJhbWV0ZXJzRW50cnlSCnBh\
                cmFtZXRlcnMSSQoHb3V0cHV0cxgFIAMoCzIvLmluZmVyZW5jZS5Nb2RlbEluZmVyUmVzcG9uc2UuSW5mZXJPdXRwdXRUZW5zb3JS\
                B291dHB1dHMSLgoTcmF3X291dHB1dF9jb250ZW50cxgGIAMoDFIRcmF3T3V0cHV0Q29udGVudHMa0AIKEUluZmVyT3V0cHV0VGVu\
                c29yEhIKBG5hbWUYASABKAlSBG5hbWUSGgoIZGF0YXR5cGUYAiABKAlSCGRhdGF0eXBlEhQKBXNoYXBlGAMgAygDUgVzaGFwZRJf\
                CgpwYXJhbWV0ZXJzGAQgAygLMj8uaW5mZXJlbmNlLk1vZGVsSW5mZXJSZXNwb25zZS5JbmZlck91dHB1dFRlbnNvci5QYXJhbWV0\
                ZXJzRW50cnlSCnBhcmFtZXRlcnMSOgoIY29udGVudHMYBSABKAsyHi5pbmZlcmVuY2UuSW5mZXJUZW5zb3JDb250ZW50c1IIY29u\
                dGVudHMaWAoPUGFyYW1ldGVyc0VudHJ5EhAKA2tleRgBIAEoCVIDa2V5Ei8KBXZhbHVlGAIgASgLMhkuaW5mZXJlbmNlLkluZmVy\
                UGFyYW1ldGVyUgV2YWx1ZToCOAEaWAoPUGFyYW1ldGVyc0VudHJ5EhAKA2tleRgBIAEoCVIDa2V5Ei8KBXZhbHVlGAIgASgLMhku\
                aW5mZXJlbmNlLkluZmVyUGFyYW1ldGVyUgV2YWx1ZToCOAEihQEKGE1vZGVsU3RyZWFtSW5mZXJSZXNwb25zZRIjCg1lcnJvcl9t\
                ZXNzYWdlGAEgASgJUgxlcnJvck1lc3NhZ2USRAoOaW5mZXJfcmVzcG9uc2UYAiABKAsyHS5pbmZlcmVuY2UuTW9kZWxJbmZlclJl\
                c3BvbnNlUg1pbmZlclJlc3BvbnNlIroBChhNb2RlbFJlcG9zaXRvcnlQYXJhbWV0ZXISHwoKYm9vbF9wYXJhbRgBIAEoCEgAUgli\
                b29sUGFyYW0SIQoLaW50NjRfcGFyYW0YAiABKANIAFIKaW50NjRQYXJhbRIjCgxzdHJpbmdfcGFyYW0YAyABKAlIAFILc3RyaW5n\
                UGFyYW0SIQoLYnl0ZXNfcGFyYW0YBCABKAxIAFIKYnl0ZXNQYXJhbUISChBwYXJhbWV0ZXJfY2hvaWNlIlcKFlJlcG9zaXRvcnlJ\
                bmRleFJlcXVlc3QSJwoPcmVwb3NpdG9yeV9uYW1lGAEgASgJUg5yZXBvc2l0b3J5TmFtZRIUCgVyZWFkeRgCIAEoCFIFcmVhZHki\
                ygEKF1JlcG9zaXRvcnlJbmRleFJlc3BvbnNlEkUKBm1vZGVscxgBIAMoCzItLmluZmVyZW5jZS5SZXBvc2l0b3J5SW5kZXhSZXNw\
                b25zZS5Nb2RlbEluZGV4UgZtb2RlbHMaaAoKTW9kZWxJbmRleBISCgRuYW1lGAEgASgJUgRuYW1lEhgKB3ZlcnNpb24YAiABKAlS\
                B3ZlcnNpb24SFAoFc3RhdGUYAyABKAlSBXN0YXRlEhYKBnJlYXNvbhgEIAEoCVIGcmVhc29uIp8CChpSZXBvc2l0b3J5TW9kZWxM\
                b2FkUmVxdWVzdBInCg9yZXBvc2l0b3J5X25hbWUYASABKAlSDnJlcG9zaXRvcnlOYW1lEh0KCm1vZGVsX25hbWUYAiABKAlSCW1v\
                ZGVsTmFtZRJVCgpwYXJhbWV0ZXJzGAMgAygLMjUuaW5mZXJlbmNlLlJlcG9zaXRvcnlNb2RlbExvYWRSZXF1ZXN0LlBhcmFtZXRl\
                cnNFbnRyeVIKcGFyYW1ldGVycxpiCg9QYXJhbWV0ZXJzRW50cnkSEAoDa2V5GAEgASgJUgNrZXkSOQoFdmFsdWUYAiABKAsyIy5p\
                bmZlcmVuY2UuTW9kZWxSZXBvc2l0b3J5UGFyYW1ldGVyUgV2YWx1ZToCOAEiHQobUmVwb3NpdG9yeU1vZGVsTG9hZFJlc3BvbnNl\
                IqMCChxSZXBvc2l0b3J5TW9kZWxVbmxvYWRSZXF1ZXN0EicKD3JlcG9zaXRvcnlfbmFtZRgBIAEoCVIOcmVwb3NpdG9yeU5hbWUS\
                HQoKbW9kZWxfbmFtZRgCIAEoCVIJbW9kZWxOYW1lElcKCnBhcmFtZXRlcnMYAyADKAsyNy5pbmZlcmVuY2UuUmVwb3NpdG9yeU1v\
                ZGVsVW5sb2FkUmVxdWVzdC5QYXJhbWV0ZXJzRW50cnlSCnBhcmFtZXRlcnMaYgoPUGFyYW1ldGVyc0VudHJ5EhAKA2tleRgBIAEo\
                CVIDa2V5EjkKBXZhbHVlGAIgASgLMiMuaW5mZXJlbmNlLk1vZGVsUmVwb3NpdG9yeVBhcmFtZXRlclIFdmFsdWU6AjgBIh8KHVJl\
                cG9zaXRvcnlNb2RlbFVubG9hZFJlc3BvbnNlKvoBCghEYXRhVHlwZRIQCgxUWVBFX0lOVkFMSUQQABINCglUWVBFX0JPT0wQARIO\
                CgpUWVBFX1VJTlQ4EAISDwoLVFlQRV9VSU5UMTYQAxIPCgtUWVBFX1VJTlQzMhAEEg8KC1RZUEVfVUlOVDY0EAUSDQoJVFlQRV9J\
                TlQ4EAYSDgoKVFlQRV9JTlQxNhAHEg4KClRZUEVfSU5UMzIQCBIOCgpUWVBFX0lOVDY0EAkSDQoJVFlQRV9GUDE2EAoSDQoJVFlQ\
                RV9GUDMyEAsSDQoJVFlQRV9GUDY0EAwSDwoLVFlQRV9TVFJJTkcQDRINCglUWVBFX0JGMTYQDjK3CAoUR1JQQ0luZmVyZW5jZVNl\
                cnZpY2USSwoKU2VydmVyTGl2ZRIcLmluZmVyZW5jZS5TZXJ2ZXJMaXZlUmVxdWVzdBodLmluZmVyZW5jZS5TZXJ2ZXJMaXZlUmVz\
                cG9uc2UiABJOCgtTZXJ2ZXJSZWFkeRIdLmluZmVyZW5jZS5TZXJ2ZXJSZWFkeVJlcXVlc3QaHi5pbmZlcmVuY2UuU2VydmVyUmVh\
                ZHlSZXNwb25zZSIAEksKCk1vZGVsUmVhZHkSHC5pbmZlcmVuY2UuTW9kZWxSZWFkeVJlcXVlc3QaHS5pbmZlcmVuY2UuTW9kZWxS\
                ZWFkeVJlc3BvbnNlIgASVwoOU2VydmVyTWV0YWRhdGESIC5pbmZlcmVuY2UuU2VydmVyTWV0YWRhdGFSZXF1ZXN0GiEuaW5mZXJl\
                bmNlLlNlcnZlck1ldGFkYXRhUmVzcG9uc2UiABJUCg1Nb2RlbE1ldGFkYXRhEh8uaW5mZXJlbmNlLk1vZGVsTWV0YWRhdGFSZXF1\
                ZXN0GiAuaW5mZXJlbmNlLk1vZGVsTWV0YWRhdGFSZXNwb25zZSIAEk4KC01vZGVsQ29uZmlnEh0uaW5mZXJlbmNlLk1vZGVsQ29u\
                ZmlnUmVxdWVzdBoeLmluZmVyZW5jZS5Nb2RlbENvbmZpZ1Jlc3BvbnNlIgASWgoPTW9kZWxTdGF0aXN0aWNzEiEuaW5mZXJlbmNl\
                Lk1vZGVsU3RhdGlzdGljc1JlcXVlc3QaIi5pbmZlcmVuY2UuTW9kZWxTdGF0aXN0aWNzUmVzcG9uc2UiABJLCgpNb2RlbEluZmVy\
                EhwuaW5mZXJlbmNlLk1vZGVsSW5mZXJSZXF1ZXN0Gh0uaW5mZXJlbmNlLk1vZGVsSW5mZXJSZXNwb25zZSIAElsKEE1vZGVsU3Ry\
                ZWFtSW5mZXISHC5pbmZlcmVuY2UuTW9kZWxJbmZlclJlcXVlc3QaIy5pbmZlcmVuY2UuTW9kZWxTdHJlYW1JbmZlclJlc3BvbnNl\
                IgAoATABEloKD1JlcG9zaXRvcnlJbmRleBIhLmluZmVyZW5jZS5SZXBvc2l0b3J5SW5kZXhSZXF1ZXN0GiIuaW5mZXJlbmNlLlJl\
                cG9zaXRvcnlJbmRleFJlc3BvbnNlIgASZgoTUmVwb3NpdG9yeU1vZGVsTG9hZBIlLmluZmVyZW5jZS5SZXBvc2l0b3J5TW9kZWxM\
                b2FkUmVxdWVzdBomLmluZmVyZW5jZS5SZXBvc2l0b3J5TW9kZWxMb2FkUmVzcG9uc2UiABJsChVSZXBvc2l0b3J5TW9kZWxVbmxv\
                YWQSJy5pbmZlcmVuY2UuUmVwb3NpdG9yeU1vZGVsVW5sb2FkUmVxdWVzdBooLmluZmVyZW5jZS5SZXBvc2l0b3J5TW9kZWxVbmxv\
                YWRSZXNwb25zZSIAYgZwcm90bzM=
                """),
    ]
}
